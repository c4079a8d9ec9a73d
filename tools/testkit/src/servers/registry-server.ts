import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { CertifiedKey } from '@flux/crypto';
import { temporaryDirectory } from '@flux/fs';
import { MissingProgramError } from '../missing-program.ts';
import type { TestTokenServer } from './token-server.ts';

export interface RegistryOptions {
  /** Basic auth for everything. */
  auth?: { username: string; password: string };
  /** Tokens of this server for everything; not together with `auth`. */
  tokens?: TestTokenServer;
  /** Speaks https with this certificate; with an authority it asks for certificates of clients. */
  tls?: CertifiedKey & { clientAuthority?: string };
}

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`, as it stands in image names. */
  readonly host: string;
  /** `http://127.0.0.1:<port>`, or https */
  readonly url: string;
  close(): Promise<void>;
}

/** The reference registry of container images (`docker-registry`), empty, keeping its content in memory. */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory('registry'));
  const config = join(path, 'config.json');
  await writeFile(config, JSON.stringify(await registryConfig(path, options)));
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  stack.defer(() => stop(child));
  const host = await listeningAddress(child);
  const kept = stack.move();
  const close = () => kept.disposeAsync();
  return { host, url: `${options.tls ? 'https' : 'http'}://${host}`, close, [Symbol.asyncDispose]: close };
}

/** JSON is YAML. */
async function registryConfig(folder: string, { auth, tokens, tls }: RegistryOptions): Promise<object> {
  const write = async (name: string, content: string) => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  const htpasswd = auth && { realm: 'test', path: await write('htpasswd', await hashPassword(auth)) };
  const token = tokens && {
    realm: `${tokens.url}/token`,
    service: tokens.service,
    issuer: tokens.issuer,
    rootcertbundle: await write('tokens.pem', tokens.authority),
  };
  const certificates = tls && {
    certificate: await write('server.pem', tls.certPem),
    key: await write('server-key.pem', tls.keyPem),
    ...(tls.clientAuthority ? { clientcas: [await write('clients.pem', tls.clientAuthority)] } : {}),
  };
  return {
    version: '0.1',
    log: { level: 'info', formatter: 'json' },
    storage: { inmemory: {}, delete: { enabled: true } },
    http: { addr: '127.0.0.1:0', secret: 'test', ...(certificates ? { tls: certificates } : {}) },
    ...(htpasswd ? { auth: { htpasswd } } : token ? { auth: { token } } : {}),
  };
}

/** The registry reads bcrypt only, which Node does not have. */
async function hashPassword({ username, password }: { username: string; password: string }): Promise<string> {
  const child = spawn('htpasswd', ['-niB', username], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {}); // a program that is not there closes it at once
  child.stdin.end(password);
  const output = text(child.stdout);
  await once(child, 'close').catch(() => {
    throw new MissingProgramError('htpasswd cannot be started; install apache2-utils');
  });
  return output;
}

/** The log says which port the system chose. */
async function listeningAddress(child: ChildProcess): Promise<string> {
  const failed = once(child, 'exit').catch(() => {
    throw new MissingProgramError('docker-registry cannot be started; install the package docker-registry');
  });
  const lines: string[] = [];
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      lines.push(line);
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
  });
  const ended = failed.then((): never => {
    throw new MissingProgramError(`docker-registry ended: ${lines.slice(-3).join('\n')}`);
  });
  return Promise.race([listening, ended]);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill();
  await ended;
}
