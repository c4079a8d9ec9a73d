import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ClearSigner, ProvenanceError } from './provenance.ts';

export interface GpgKeys {
  /** Key rings as `gpg --export` writes them, armoured or not; to sign, one with a secret key. */
  keys: readonly Uint8Array[];
  /** Which key signs: a fingerprint, an address or a name. */
  signingKey?: string;
  passphrase?: string;
}

const beginning = '-----BEGIN PGP SIGNED MESSAGE-----';

/**
 * OpenPGP by the `gpg` program, in a folder of its own: neither the key ring nor the agent of the user takes part. The libraries
 * that could do it are under the LGPL.
 */
export function gpgSigner(options: GpgKeys): ClearSigner {
  return {
    verify: (message) => withKeys(options, (home) => verify(home, message)),
    sign: (content) => withKeys(options, (home) => sign(home, content, options)),
  };
}

async function withKeys<T>({ keys }: GpgKeys, use: (home: string) => Promise<T>): Promise<T> {
  // Short, because the sockets of the agent lie in it.
  const home = await mkdtemp(join(tmpdir(), 'gpg-'));
  try {
    for (const [index, key] of keys.entries()) {
      const file = join(home, `${index}.key`);
      await writeFile(file, key, { mode: 0o600 });
      const { code } = await run(home, ['--import', file]);
      if (code !== 0) throw new ProvenanceError('the key ring cannot be read');
    }
    return await use(home);
  } finally {
    await stopAgent(home);
    await rm(home, { recursive: true, force: true });
  }
}

async function verify(home: string, message: string) {
  if (!message.trimStart().startsWith(beginning) || message.split(beginning).length !== 2) {
    throw new ProvenanceError('signature block not found');
  }
  const { code, output, status } = await run(home, ['--trust-model', 'always', '--decrypt'], message);
  const find = (word: string) => status.filter((line) => line.startsWith(`${word} `));
  const [good, ...more] = find('GOODSIG');
  const [valid] = find('VALIDSIG');
  if (code !== 0 || good === undefined || valid === undefined || more.length > 0 || find('PLAINTEXT').length !== 1) {
    throw new ProvenanceError(describeFailure(status));
  }
  const identity = good.split(' ').slice(2).join(' ');
  // The last field is the fingerprint of the primary key, also where a subkey signed.
  const fingerprint = valid.split(' ').at(-1) ?? '';
  return { text: output, signer: { identity, fingerprint } };
}

function describeFailure(status: readonly string[]): string {
  const has = (word: string) => status.some((line) => line.startsWith(word));
  if (has('NO_PUBKEY')) return 'openpgp: signature made by unknown entity';
  if (has('EXPKEYSIG') || has('EXPSIG')) return 'openpgp: signature expired';
  if (has('REVKEYSIG')) return 'openpgp: signature made by a revoked key';
  return 'openpgp: invalid signature';
}

async function sign(home: string, content: string, { signingKey, passphrase }: GpgKeys): Promise<string> {
  const file = join(home, 'passphrase');
  await writeFile(file, passphrase ?? '', { mode: 0o600 });
  const args = [
    '--pinentry-mode',
    'loopback',
    '--passphrase-file',
    file,
    '--digest-algo',
    'SHA512',
    '--trust-model',
    'always',
  ];
  if (signingKey !== undefined) args.push('--local-user', signingKey);
  const { code, output, status } = await run(home, [...args, '--clear-sign'], content);
  if (code === 0) return output;
  if (status.some((line) => line.startsWith('INV_SGNR') || line.startsWith('NO_SECKEY'))) {
    throw new ProvenanceError('private key not found');
  }
  throw new ProvenanceError('the text cannot be signed; is the passphrase right?');
}

interface GpgResult {
  code: number;
  output: string;
  /** The machine-readable lines, without their prefix. */
  status: string[];
}

async function run(home: string, args: readonly string[], input = ''): Promise<GpgResult> {
  const base = ['--homedir', home, '--batch', '--no-tty', '--no-options', '--quiet', '--status-fd', '2'];
  const child = spawn('gpg', [...base, ...args], { stdio: 'pipe', env: gpgEnvironment() });
  child.stdin.on('error', () => {}); // it may end before it has read everything
  child.stdin.end(input);
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new ProvenanceError('gpg cannot be started; install GnuPG', { cause: error })),
    );
    child.once('close', (code) => resolve(code ?? -1));
  });
  const [code, output, status] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const lines = status.split('\n').filter((line) => line.startsWith('[GNUPG:] '));
  return { code, output, status: lines.map((line) => line.slice('[GNUPG:] '.length)) };
}

function gpgEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C' };
}

/** Signing starts an agent for the folder; it would stay. */
async function stopAgent(home: string): Promise<void> {
  const child = spawn('gpgconf', ['--homedir', home, '--kill', 'all'], { stdio: 'ignore', env: gpgEnvironment() });
  await new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}
