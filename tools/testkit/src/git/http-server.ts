import { temporaryDirectory } from '@flux/fs';
import { type GitServer, type PushNotification, serveGit } from '@flux/git';
import { type CommitOptions, fileNameOf, TestRepositories } from './repositories.ts';

export interface TestGitServerOptions {
  /** Where repositories lie; a temporary folder, removed at the end, when unset. */
  root?: string;
  /** Basic auth of every repository; `protect` sets it for one. */
  auth?: { username: string; password: string };
  onPush?: (push: PushNotification) => void;
}

export interface TestGitServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Makes an empty repository; returns its URL. */
  createRepository(name: string): Promise<string>;
  urlOf(name: string): string;
  commit(name: string, files: Parameters<TestRepositories['commit']>[1], options?: CommitOptions): Promise<string>;
  /** From now on the repository asks for these credentials. */
  protect(name: string, auth: { username: string; password: string }): void;
  close(): Promise<void>;
}

/** A real Git server over smart HTTP on a free port of the loopback. */
export async function startGitServer(options: TestGitServerOptions = {}): Promise<TestGitServer> {
  await using stack = new AsyncDisposableStack();
  const root = options.root ?? stack.use(await temporaryDirectory('git-server')).path;
  const passwords = new Map<string, { username: string; password: string }>();
  const server: GitServer = stack.use(
    await serveGit({
      root,
      host: '127.0.0.1',
      port: 0,
      credentials: (repository) => passwords.get(repository) ?? options.auth,
      ...(options.onPush ? { onPush: options.onPush } : {}),
    }),
  );
  const repositories = new TestRepositories(root);
  const urlOf = (name: string) => `${server.url}/${fileNameOf(name)}`;
  const kept = stack.move();
  const close = () => kept.disposeAsync();
  return {
    url: server.url,
    urlOf,
    async createRepository(name) {
      await repositories.create(name);
      return urlOf(name);
    },
    commit: (name, files, commit) => repositories.commit(name, files, commit),
    protect: (name, auth) => void passwords.set(fileNameOf(name), auth),
    close,
    [Symbol.asyncDispose]: close,
  };
}
