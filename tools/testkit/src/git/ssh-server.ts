import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from '@flux/fs';
import { MissingProgramError } from '../missing-program.ts';
import { type CommitOptions, fileNameOf, TestRepositories } from './repositories.ts';

const run = promisify(execFile);

export interface TestSshGitServer extends AsyncDisposable {
  /** `ssh://<user>@127.0.0.1:<port>`, the user being the one that runs this process. */
  readonly url: string;
  /** Private key in OpenSSH format that the server accepts, unencrypted. */
  readonly identity: string;
  /** The public half, a line of an authorized_keys file. */
  readonly identityPublic: string;
  /** Line for a known_hosts file. */
  readonly knownHosts: string;
  urlOf(name: string): string;
  createRepository(name: string): Promise<string>;
  commit(name: string, files: Parameters<TestRepositories['commit']>[1], options?: CommitOptions): Promise<string>;
  close(): Promise<void>;
}

const sshdPath = '/usr/sbin/sshd';

/** OpenSSH's own server with key authentication, for Git commands only, on a free port of the loopback. */
export async function startSshGitServer(): Promise<TestSshGitServer> {
  await prepareSshd();
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory('git-ssh-server'));
  const root = join(path, 'git');
  await mkdir(root);
  const [host, client] = await Promise.all([
    generateKey(join(path, 'host-key')),
    generateKey(join(path, 'client-key')),
  ]);
  const config = join(path, 'sshd_config');
  await writeFile(config, sshdConfig(path));
  const { server, close: stopSshd } = await listen(config);
  stack.defer(stopSshd);

  const { port } = server.address() as AddressInfo;
  const repositories = new TestRepositories(root);
  const url = `ssh://${userInfo().username}@127.0.0.1:${port}`;
  const urlOf = (name: string) => `${url}${root}/${fileNameOf(name)}`;
  const kept = stack.move();
  const close = () => kept.disposeAsync();
  return {
    url,
    identity: client.private,
    identityPublic: client.public,
    knownHosts: `[127.0.0.1]:${port} ${host.public.split(' ').slice(0, 2).join(' ')}\n`,
    urlOf,
    async createRepository(name) {
      await repositories.create(name);
      return urlOf(name);
    },
    commit: (name, files, commit) => repositories.commit(name, files, commit),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A server that runs as root insists on an empty directory, which otherwise the boot scripts make. */
async function prepareSshd(): Promise<void> {
  if (!existsSync(sshdPath)) throw new MissingProgramError(`${sshdPath} is missing; install openssh-server`);
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
}

async function generateKey(path: string): Promise<{ private: string; public: string }> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
  return { private: await readFile(path, 'utf8'), public: (await readFile(`${path}.pub`, 'utf8')).trim() };
}

function sshdConfig(directory: string): string {
  return [
    `HostKey ${join(directory, 'host-key')}`,
    `AuthorizedKeysFile ${join(directory, 'client-key.pub')}`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'ForceCommand git shell -c "$SSH_ORIGINAL_COMMAND"',
    '',
  ].join('\n');
}

/** One sshd per connection, as inetd would start it: the port may then be any, and there is no start-up to wait for. */
async function listen(config: string): Promise<{ server: Server; close: () => Promise<void> }> {
  const children = new Set<ChildProcess>();
  const server = createServer({ pauseOnConnect: true }, (socket: Socket) => {
    const child = spawn(sshdPath, ['-i', '-e', '-f', config], { stdio: [socket, socket, 'ignore'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    socket.destroy(); // the child has a descriptor of its own
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    const ended = [...children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) child.kill();
    await Promise.all([closed, ...ended]);
  };
  return { server, close };
}
