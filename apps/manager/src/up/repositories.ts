import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { commitFolder, createBareRepositoryOn } from '@flux/git';

const author = { name: 'flux up', email: 'flux@localhost' };

/**
 * Makes the bare repository `<name>.git` below `root` when it is missing. Only then is `folder` committed into it: what a
 * user pushed later is never overwritten.
 */
export async function seedRepository(root: string, name: string, folder: string, branch: string): Promise<void> {
  const repository = join(root, `${name}.git`);
  if (existsSync(join(repository, 'HEAD'))) return;
  await createBareRepositoryOn(repository, branch);
  await commitFolder(repository, folder, { branch, message: `Import ${name}`, author });
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
  if (!existsSync(join(repository, 'HEAD'))) await createBareRepositoryOn(repository, branch);
  const snapshot = () => commitFolder(repository, folder, { branch, message: `Snapshot of ${folder}`, author });
  await snapshot();
  let running: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const commit = async () => {
    if ((await snapshot()) !== undefined) onCommit();
  };
  // An editor saves in several steps; one commit is enough for all that happens within a moment.
  const changed = (_event: string, file: string | null) => {
    if (file !== null && /(^|\/)\.git(\/|$)/.test(file)) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(commit, commit).catch(() => {}); // a half-written folder is committed at its next change
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
