import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gitEnvironment } from './environment.ts';
import { GitError } from './git-error.ts';
import { runHttpBackend } from './http-backend.ts';
import { type PushCommand, readPushCommands } from './push-commands.ts';
import { runGit } from './run-git.ts';

/** A push that was accepted. */
export interface PushNotification {
  /** Path of the repository below the root, `fleet.git`. */
  repository: string;
  /** The references that changed. */
  updates: PushCommand[];
}

export interface ServeGitOptions {
  /** Folder of bare repositories; nothing outside of it is served. */
  root: string;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Credentials that a repository asks for with Basic auth; none when it answers `undefined`. */
  credentials?: (repository: string) => { username: string; password: string } | undefined;
  /** Called after each push that changed something. */
  onPush?: (push: PushNotification) => void;
}

export interface GitServer extends AsyncDisposable {
  /** `http://127.0.0.1:3000`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves repositories over smart HTTP, for fetch and push, through `git http-backend`. */
export async function serveGit(options: ServeGitOptions): Promise<GitServer> {
  const server = createServer((request, response) => {
    handle(options, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new GitError('process', `git server: ${error.message}`, { cause: error })));
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  const close = () => closeServer(server);
  return { url: `http://${host}:${port}`, close, [Symbol.asyncDispose]: close };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** The services of the protocol; plain files of a repository (the dumb protocol) are not served. */
const route =
  /^\/((?:[A-Za-z0-9_][A-Za-z0-9._-]*\/)*[A-Za-z0-9_][A-Za-z0-9._-]*)\/(info\/refs|git-upload-pack|git-receive-pack)$/;

async function handle(options: ServeGitOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const [, repository, service] = route.exec(path) ?? [];
  if (repository === undefined || service === undefined) return answer(response, 404);
  const user = authenticate(request, options.credentials?.(repository));
  if (user === undefined) return answer(response, 401, { 'www-authenticate': 'Basic realm="git"' }, 'Unauthorized\n');
  const { stream, commands } = readPushCommands();
  await runHttpBackend(
    {
      root: options.root,
      path,
      query,
      user,
      method: request.method ?? 'GET',
      headers: request.headers,
      remoteAddress: request.socket.remoteAddress ?? '',
      body: service === 'git-receive-pack' && options.onPush ? request.pipe(stream) : request,
    },
    response,
  );
  const updates = await acceptedOf(commands(), join(options.root, repository));
  if (updates.length > 0) options.onPush?.({ repository, updates });
}

function answer(response: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);
}

/** The user, or `undefined` when the credentials do not fit. */
function authenticate(
  request: IncomingMessage,
  wanted: { username: string; password: string } | undefined,
): string | undefined {
  if (wanted === undefined) return 'anonymous';
  const given = Buffer.from(String(request.headers.authorization ?? '').replace(/^Basic /i, ''), 'base64');
  const expected = Buffer.from(`${wanted.username}:${wanted.password}`);
  return given.length === expected.length && timingSafeEqual(given, expected) ? wanted.username : undefined;
}

/** A push may be refused in part; what the repository says now is what counts. */
async function acceptedOf(commands: PushCommand[], gitDir: string): Promise<PushCommand[]> {
  if (commands.length === 0) return [];
  const { stdout } = await runGit([`--git-dir=${gitDir}`, 'for-each-ref', '--format=%(objectname) %(refname)'], {
    environment: gitEnvironment(),
  });
  const current = new Map(
    stdout
      .toString()
      .split('\n')
      .map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
  const isDeleted = ({ after }: PushCommand) => /^0+$/.test(after);
  return commands.filter((command) => (current.get(command.ref) ?? '') === (isDeleted(command) ? '' : command.after));
}
