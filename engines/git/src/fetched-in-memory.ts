import { closeSync, constants, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Fetched, FetchedObject, TreeEntry } from './fetched.ts';
import { GitError } from './git-error.ts';
import { type PackedObject, readPack } from './pack.ts';
import type { RemoteSession } from './remote-session.ts';
import { parseTree } from './tree.ts';
import { fetchShallowPack } from './upload-pack.ts';

/** Larger repositories are left to the git command, which keeps them on disk. */
const maxPackBytes = 16 * 1024 * 1024;
const maxObjectBytes = 256 * 1024 * 1024;
/** Trees may name one subtree many times over; what is written is limited. */
const maxEntries = 500_000;
const maxWrittenBytes = 4 * 1024 * 1024 * 1024;
const entriesPerTurn = 500;

/** Fetches a few commits without history over an open session; `wants` maps names to ids. */
export async function fetchIntoMemory(
  session: RemoteSession,
  wants: ReadonlyMap<string, string>,
  signal: AbortSignal | undefined,
): Promise<Fetched> {
  if (!session.capabilities.has('shallow')) throw new GitError('invalid', 'the server has no shallow fetch');
  const ids = [...new Set(wants.values())];
  const objects = readPack(await fetchShallowPack(session, ids, maxPackBytes, signal), maxObjectBytes);
  const missing = ids.find((id) => !objects.has(id));
  if (missing) throw new GitError('invalid', `the pack lacks ${missing}`);
  return new FetchedInMemory(objects, wants, signal);
}

class FetchedInMemory implements Fetched {
  readonly #objects: ReadonlyMap<string, PackedObject>;
  readonly #names: ReadonlyMap<string, string>;
  readonly #signal: AbortSignal | undefined;
  readonly #trees = new Map<string, ReturnType<typeof parseTree>>();

  constructor(
    objects: ReadonlyMap<string, PackedObject>,
    names: ReadonlyMap<string, string>,
    signal: AbortSignal | undefined,
  ) {
    this.#objects = objects;
    this.#names = names;
    this.#signal = signal;
  }

  async read(name: string): Promise<FetchedObject | undefined> {
    const id = this.#names.get(name) ?? name;
    const object = this.#objects.get(id);
    return object ? { id, ...object } : undefined;
  }

  async listTree(commit: string): Promise<TreeEntry[]> {
    return [...this.#walk(this.#treeOf(commit))].filter(({ mode }) => mode !== '40000');
  }

  async readFile(commit: string, path: string): Promise<string | undefined> {
    const entry = this.#parse(this.#treeOf(commit)).find(({ name }) => name === path);
    return entry?.mode.startsWith('100') ? this.#get(entry.id, 'blob').toString() : undefined;
  }

  async write(commit: string, directory: string, sparse: readonly string[]): Promise<void> {
    const made = new Set<string>(['']);
    let entries = 0;
    let bytes = 0;
    for (const entry of this.#walk(this.#treeOf(commit))) {
      if (++entries % entriesPerTurn === 0) await nextTurn();
      this.#signal?.throwIfAborted();
      if (entry.mode === '40000') continue;
      if (sparse.length > 0 && !sparse.some((prefix) => entry.path.startsWith(prefix))) continue;
      makeDirectories(directory, entry.path.slice(0, Math.max(entry.path.lastIndexOf('/'), 0)), made);
      bytes += this.#writeEntry(join(directory, entry.path), entry);
      if (bytes > maxWrittenBytes) throw tooBig();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Nothing is written over what is there: two entries of one name, or a symlink in the place of a folder, are refused. */
  #writeEntry(path: string, { mode, id }: TreeEntry): number {
    if (mode === '160000') {
      mkdirSync(path);
      return 0;
    }
    const content = this.#get(id, 'blob');
    if (mode === '120000') symlinkSync(content.toString(), path);
    else writeNew(path, content, mode === '100755' ? 0o755 : 0o644);
    return content.length;
  }

  *#walk(tree: string, prefix = '', budget = { left: maxEntries }): Generator<TreeEntry> {
    for (const { mode, name, id } of this.#parse(tree)) {
      if (budget.left-- <= 0) throw tooBig();
      const path = prefix + name;
      yield { mode, id, path };
      if (mode === '40000') yield* this.#walk(id, `${path}/`, budget);
    }
  }

  #parse(tree: string): ReturnType<typeof parseTree> {
    let items = this.#trees.get(tree);
    if (items === undefined) {
      items = parseTree(this.#get(tree, 'tree'));
      this.#trees.set(tree, items);
    }
    return items;
  }

  #treeOf(commit: string): string {
    const tree = /^tree ([0-9a-f]{40})\n/.exec(this.#get(commit, 'commit').toString('latin1', 0, 46))?.[1];
    if (tree === undefined) throw new GitError('invalid', 'malformed object: no tree');
    return tree;
  }

  #get(id: string, type: PackedObject['type']): Buffer {
    const object = this.#objects.get(id);
    if (object?.type !== type) throw new GitError('invalid', `${type} ${id} is missing`);
    return object.content;
  }
}

function tooBig(): GitError {
  return new GitError('invalid', 'the tree is too big');
}

const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

function writeNew(path: string, content: Buffer, mode: number): void {
  const file = openSync(path, writeFlags, mode);
  try {
    for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
  } finally {
    closeSync(file);
  }
}

function makeDirectories(root: string, path: string, made: Set<string>): void {
  if (made.has(path)) return;
  makeDirectories(root, path.slice(0, Math.max(path.lastIndexOf('/'), 0)), made);
  mkdirSync(join(root, path)); // never through something that is there already
  made.add(path);
}
