import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { temporaryDirectory } from '@flux/fs';
import type { AuthContext, Connection, ServerChannel } from 'ssh2';
import { type CommitOptions, fileNameOf, TestRepositories } from './repositories.ts';

export interface TestSshGitServer extends AsyncDisposable {
  /** `ssh://git@127.0.0.1:<port>` */
  readonly url: string;
  /** Private key in OpenSSH format that the server accepts, unencrypted. */
  readonly identity: string;
  /** Line for a known_hosts file. */
  readonly knownHosts: string;
  urlOf(name: string): string;
  createRepository(name: string): Promise<string>;
  commit(name: string, files: Parameters<TestRepositories['commit']>[1], options?: CommitOptions): Promise<string>;
  close(): Promise<void>;
}

const command = /^git-(upload-pack|receive-pack) '\/?([A-Za-z0-9_][A-Za-z0-9_./-]*)'$/;

/** A real Git server over ssh with key authentication, on a free port of the loopback. */
export async function startSshGitServer(): Promise<TestSshGitServer> {
  const { default: ssh } = await import('ssh2');
  const [hostKey, clientKey] = [ssh.utils.generateKeyPairSync('ed25519'), ssh.utils.generateKeyPairSync('ed25519')];
  await using stack = new AsyncDisposableStack();
  const root = stack.use(await temporaryDirectory('git-ssh-server')).path;
  const allowed = ssh.utils.parseKey(clientKey.public);
  if (allowed instanceof Error) throw allowed;
  const connections = new Set<Connection>();
  const server = new ssh.Server({ hostKeys: [hostKey.private] }, (client) => {
    connections.add(client);
    client.on('error', () => {}); // a client that refuses the host key just leaves
    client.on('close', () => connections.delete(client));
    client.on('authentication', (context) => authenticate(context, allowed));
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, info) => run(root, info.command, acceptExec()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    for (const connection of connections) connection.end();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  const repositories = new TestRepositories(root);
  const url = `ssh://git@127.0.0.1:${port}`;
  const urlOf = (name: string) => `${url}/${fileNameOf(name)}`;
  const kept = stack.move();
  const close = () => kept.disposeAsync();
  return {
    url,
    identity: clientKey.private,
    knownHosts: `[127.0.0.1]:${port} ${hostKey.public.split(' ').slice(0, 2).join(' ')}\n`,
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

type ParsedKey = Exclude<ReturnType<typeof import('ssh2').utils.parseKey>, Error>;

/** The client may first ask whether a key would do, without a signature. */
function authenticate(context: AuthContext, allowed: ParsedKey): void {
  if (context.method !== 'publickey' || !context.key.data.equals(allowed.getPublicSSH())) {
    context.reject(['publickey']);
  } else if (context.signature && allowed.verify(context.blob!, context.signature, context.hashAlgo) !== true) {
    context.reject(['publickey']);
  } else context.accept();
}

function run(root: string, text: string, channel: ServerChannel): void {
  const [, service, repository = ''] = command.exec(text) ?? [];
  if (service === undefined || repository.includes('..')) {
    channel.stderr.write(`fatal: unsupported command\n`);
    channel.exit(128);
    channel.end();
    return;
  }
  const child = spawn('git', [service, `${root}/${repository}`], { env: { PATH: process.env['PATH'] ?? '' } });
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code) => {
    channel.exit(code ?? 128);
    channel.end();
  });
}
