import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBareRepository, type Identity } from './commit-files.ts';
import { gitEnvironment } from './environment.ts';
import { mustRunGit, runGit } from './run-git.ts';

export interface FolderCommit {
  branch: string;
  message: string;
  author: Identity;
}

/** A bare repository whose HEAD is the branch, so that a clone checks it out; one that is there is left as it is. */
export async function createBareRepositoryOn(gitDir: string, branch: string): Promise<void> {
  await createBareRepository(gitDir);
  await mustRunGit([`--git-dir=${gitDir}`, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`], {
    environment: gitEnvironment(),
  });
}

/**
 * Commits a folder as it is, ignored files left out, on top of a branch of a bare repository. Resolves with the commit, or
 * undefined when nothing changed. A repository in the folder is not touched.
 */
export async function commitFolder(gitDir: string, folder: string, commit: FolderCommit): Promise<string | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'flux-index-'));
  const { name, email } = commit.author;
  const environment = {
    ...gitEnvironment(),
    GIT_INDEX_FILE: join(scratch, 'index'),
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  };
  const options = { environment, directory: folder };
  const git = async (...args: string[]) =>
    (await mustRunGit([`--git-dir=${gitDir}`, `--work-tree=${folder}`, ...args], options)).toString().trim();
  try {
    await git('add', '--all', '--', '.');
    const tree = await git('write-tree');
    const reference = `refs/heads/${commit.branch}`;
    const found = await runGit([`--git-dir=${gitDir}`, 'rev-parse', '--verify', '--quiet', reference], options);
    const parent = found.exitCode === 0 ? found.stdout.toString().trim() : undefined;
    if (parent && (await git('rev-parse', `${parent}^{tree}`)) === tree) return undefined;
    const id = await git('commit-tree', tree, ...(parent ? ['-p', parent] : []), '-m', commit.message);
    await git('update-ref', reference, id);
    return id;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
