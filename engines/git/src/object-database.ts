import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FetchedObject, TreeEntry } from './fetched.ts';
import { GitError } from './git-error.ts';
import type { ObjectType } from './pack.ts';
import { mustRunGit, type RunGitOptions } from './run-git.ts';

type Run = Omit<RunGitOptions, 'directory' | 'input' | 'maxOutputBytes'>;

/** Files are written as they are in the object: no line ends, keywords, encodings or filters of .gitattributes, as in go-git. */
const attributes = '* -text -eol -ident -filter -working-tree-encoding -crlf -export-subst\n';

/** Makes an empty repository, without a process and without templates. */
export async function initRepository(gitDir: string, { bare = false } = {}): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
    await mkdir(join(gitDir, folder), { recursive: true });
  }
  await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n');
  await writeFile(
    join(gitDir, 'config'),
    `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = ${bare}\n`,
  );
  await writeFile(join(gitDir, 'info/attributes'), attributes);
}

/** Reads an object by id or revision expression; one that is not there is `undefined`. */
export async function readObject(gitDir: string, name: string, run: Run): Promise<FetchedObject | undefined> {
  if (/[\n\0]/.test(name)) throw new GitError('invalid', `invalid object name ${JSON.stringify(name)}`);
  const output = await mustRunGit([`--git-dir=${gitDir}`, 'cat-file', '--batch'], {
    ...run,
    input: `${name}\n`,
    maxOutputBytes: maxListingBytes,
  });
  const newline = output.indexOf(10);
  const [id = '', type = '', size = ''] = output.toString('utf8', 0, newline).split(' ');
  if (!/^\d+$/.test(size) || !isObjectType(type)) return undefined;
  return { id, type, content: output.subarray(newline + 1, newline + 1 + Number(size)) };
}

function isObjectType(type: string): type is ObjectType {
  return type === 'commit' || type === 'tree' || type === 'blob' || type === 'tag';
}

const maxListingBytes = 512 * 1024 * 1024;

/** What lies in a commit: files, symlinks (120000) and submodules (160000), with paths from the root. */
export async function listTree(gitDir: string, commit: string, run: Run): Promise<TreeEntry[]> {
  const output = await mustRunGit([`--git-dir=${gitDir}`, 'ls-tree', '-r', '-z', '--full-tree', commit], {
    ...run,
    maxOutputBytes: maxListingBytes,
  });
  return output
    .toString()
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [meta = '', path = ''] = line.split('\t');
      const [mode = '', , id = ''] = meta.split(' ');
      return { mode, id, path };
    });
}

/**
 * Writes the files of a commit into a directory. `sparse` keeps those whose path begins with one of the strings, a plain
 * prefix as in go-git 5 (SRC-GIT-32).
 */
export async function writeTree(
  target: { gitDir: string; directory: string; commit: string; sparse: readonly string[] },
  run: Run,
): Promise<void> {
  const { gitDir, directory, commit, sparse } = target;
  const base = [`--git-dir=${gitDir}`, `--work-tree=${directory}`];
  if (sparse.length === 0) {
    await mustRunGit([...base, 'read-tree', '-m', '-u', commit], { ...run, directory });
    return;
  }
  const paths = (await listTree(gitDir, commit, run))
    .map(({ path }) => path)
    .filter((path) => sparse.some((prefix) => path.startsWith(prefix)));
  await mustRunGit([...base, 'read-tree', commit], { ...run, directory });
  const input = paths.map((path) => `${path}\0`).join('');
  await mustRunGit([...base, 'checkout-index', '-z', '--stdin', '-f', '-q'], { ...run, directory, input });
}

/** The content of one file of a commit, if it is there. */
export async function readFileOf(gitDir: string, commit: string, path: string, run: Run): Promise<string | undefined> {
  const found = await readObject(gitDir, `${commit}:${path}`, run);
  return found?.type === 'blob' ? found.content.toString() : undefined;
}
