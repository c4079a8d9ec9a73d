import { existsSync, watch } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '@flux/git';

/** A snapshot made these the author and committer; the repository is local and no user configuration is read. */
const identity = { name: 'flux up', email: 'flux@localhost' };

/**
 * Makes the bare repository `<name>.git` below `root` when it is missing. Only then is `folder` committed into it: what a
 * user pushed later is never overwritten.
 */
export async function seedRepository(root: string, name: string, folder: string, branch: string): Promise<void> {
  const repository = join(root, `${name}.git`);
  if (existsSync(join(repository, 'HEAD'))) return;
  await initialise(repository, branch);
  await commitFolder(repository, folder, branch, `Import ${name}`);
}

async function initialise(repository: string, branch: string): Promise<void> {
  await mkdir(repository, { recursive: true });
  await runGit(['init', '--quiet', '--bare', `--initial-branch=${branch}`, repository], { cwd: repository });
  await runGit(['config', 'http.receivepack', 'true'], { cwd: repository });
}

/** Commits the folder as it is now; returns false when nothing changed since the last commit. */
async function commitFolder(repository: string, folder: string, branch: string, message: string): Promise<boolean> {
  const index = join(repository, 'snapshot-index');
  const env = {
    GIT_DIR: repository,
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: index,
    GIT_AUTHOR_NAME: identity.name,
    GIT_AUTHOR_EMAIL: identity.email,
    GIT_COMMITTER_NAME: identity.name,
    GIT_COMMITTER_EMAIL: identity.email,
  };
  const git = async (...args: string[]) => (await runGit(args, { cwd: folder, env })).trim();
  await rm(index, { force: true });
  await git('add', '--all', '--', '.');
  const tree = await git('write-tree');
  const parent = await git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`).catch(() => '');
  if (parent && (await git('rev-parse', `${parent}^{tree}`)) === tree) return false;
  const commit = await git('commit-tree', tree, ...(parent ? ['-p', parent] : []), '-m', message);
  await git('update-ref', `refs/heads/${branch}`, commit);
  return true;
}

/**
 * Serves a folder of the user as the repository `<name>.git`: commits its state now and again whenever a file changes, and
 * calls `onCommit` after each commit.
 */
export async function mirrorFolder(
  root: string,
  name: string,
  folder: string,
  branch: string,
  onCommit: () => void,
): Promise<Disposable> {
  const repository = join(root, `${name}.git`);
  if (!existsSync(join(repository, 'HEAD'))) await initialise(repository, branch);
  const snapshot = () => commitFolder(repository, folder, branch, `Snapshot of ${folder}`);
  await snapshot();
  let running = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  // An editor saves in several steps; one commit is enough for all that happens within a moment.
  const changed = (_event: string, file: string | null) => {
    if (file !== null && /(^|\/)\.git(\/|$)/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(snapshot).then(
        (committed) => (committed ? onCommit() : undefined),
        () => undefined,
      );
    }, 100);
  };
  const watcher = watch(folder, { recursive: true }, changed);
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      watcher.close();
    },
  };
}
