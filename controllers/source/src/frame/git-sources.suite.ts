import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import { type CommitRequest, commitFiles, createBareRepository, type ServeGitOptions, serveGit } from '@flux/git';

/** Git repositories that tests commit to. */
export interface GitSources extends AsyncDisposable {
  /** Where they are served. */
  readonly url: string;
  /** Where they and whatever else a test writes may lie. */
  readonly directory: string;
  /** The folder of a repository, which is made if it is not there. */
  open(name: string): Promise<string>;
  /** The next commit, a minute after the last one; gives back its id. */
  commit(name: string, files: CommitRequest['files'], more?: Partial<CommitRequest>): Promise<string>;
}

/** Serves repositories over HTTP on a free port of the loopback. */
export async function serveGitSources(options: Pick<ServeGitOptions, 'credentials'> = {}): Promise<GitSources> {
  await using starting = new AsyncDisposableStack();
  const { path: directory } = starting.use(await temporaryDirectory('git-sources'));
  const root = join(directory, 'repos');
  mkdirSync(root);
  const server = await serveGit({ root, host: '127.0.0.1', port: 0, ...options });
  starting.defer(() => server.close());
  const stack = starting.move();
  let minute = 0;
  const open = async (name: string) => {
    const gitDir = join(root, `${name}.git`);
    await createBareRepository(gitDir);
    return gitDir;
  };
  return {
    url: server.url,
    directory,
    open,
    async commit(name, files, more = {}) {
      const gitDir = await open(name);
      minute++;
      return commitFiles(gitDir, {
        message: `commit ${minute}`,
        author: { name: 'Golden', email: 'golden@example.com' },
        date: new Date(1767225600000 + minute * 60000),
        files,
        ...more,
      });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
