import { join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import type { Endpoint } from './credentials.ts';
import { fetchObjects, storedName } from './fetch.ts';
import type { Fetched } from './fetched.ts';
import { initRepository, listTree, readFileOf, readObject, writeTree } from './object-database.ts';
import { openTransport } from './transport.ts';

interface DiskFetch {
  endpoint: Endpoint;
  /** Full names or object ids. */
  wants: readonly string[];
  /** Unset fetches the whole history. */
  depth?: number;
  signal?: AbortSignal;
}

/** Fetches with the git command into a repository of its own, which is gone when the result is disposed. */
export async function fetchOntoDisk({ endpoint, wants, depth, signal }: DiskFetch): Promise<Fetched> {
  await using stack = new AsyncDisposableStack();
  const work = stack.use(await temporaryDirectory('git'));
  const { environment } = stack.use(await openTransport(endpoint));
  const gitDir = join(work.path, 'git');
  const run = { environment, ...(signal ? { signal } : {}) };
  await initRepository(gitDir);
  await fetchObjects({ gitDir, endpoint, wants, ...(depth === undefined ? {} : { depth }), ...run });
  const kept = stack.move();
  const names = new Map(wants.map((want) => [want, storedName(want)]));
  return {
    read: (name) => readObject(gitDir, names.get(name) ?? name, run),
    listTree: (commit) => listTree(gitDir, commit, run),
    readFile: (commit, path) => readFileOf(gitDir, commit, path, run),
    write: (commit, directory, sparse) => writeTree({ gitDir, directory, commit, sparse }, run),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
