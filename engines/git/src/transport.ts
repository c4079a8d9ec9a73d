import { chmod, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { authorization, type Endpoint, type GitCredentials, type GitProxy } from './credentials.ts';
import { type GitConfig, gitEnvironment } from './environment.ts';
import { GitError } from './git-error.ts';

/** The environment for git commands that talk to one remote; the key files that it names live as long as it does. */
interface Transport extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Hands credentials to git through files (mode 0600) and its environment, never through arguments or the URL. The header is
 * bound to the origin of the remote, so that a submodule elsewhere does not get it.
 */
export async function openTransport(endpoint: Endpoint): Promise<Transport> {
  const files = await temporaryDirectory('git-credentials');
  try {
    const { config, extra } = endpoint.isSsh ? await sshSettings(endpoint, files) : await httpSettings(endpoint, files);
    return { environment: gitEnvironment(config, extra), [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
  } catch (error) {
    await files[Symbol.asyncDispose]();
    throw error;
  }
}

interface Settings {
  config: GitConfig;
  extra: Record<string, string>;
}

async function httpSettings({ url, credentials, proxy }: Endpoint, files: TemporaryDirectory): Promise<Settings> {
  const config: [string, string][] = [];
  const header = authorization(credentials);
  if (header) config.push([`http.${url.origin}/.extraHeader`, `Authorization: ${header}`]);
  if (proxy) config.push(['http.proxy', proxyUrl(proxy)]);
  const { ca, cert, key } = credentials.tls ?? {};
  if (ca)
    config.push([
      'http.sslCAInfo',
      await secretFile(files, 'ca.pem', [...getCACertificates('default'), ca].join('\n')),
    ]);
  if (cert) config.push(['http.sslCert', await secretFile(files, 'cert.pem', cert)]);
  if (key) config.push(['http.sslKey', await secretFile(files, 'key.pem', key)]);
  return { config, extra: {} };
}

function proxyUrl({ url, username, password }: GitProxy): string {
  if (!username) return url;
  const parsed = new URL(url);
  parsed.username = encodeURIComponent(username);
  parsed.password = encodeURIComponent(password ?? '');
  return parsed.href;
}

async function sshSettings({ credentials, proxy }: Endpoint, files: TemporaryDirectory): Promise<Settings> {
  const options = [
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${await secretFile(files, 'known_hosts', credentials.knownHosts ?? '')}`,
    `GlobalKnownHostsFile=${devNull}`,
    'UpdateHostKeys=no',
    'CheckHostIP=no',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'PreferredAuthentications=publickey',
    'NumberOfPasswordPrompts=1',
    'ConnectTimeout=30',
    ...(credentials.identity
      ? [`IdentityFile=${await secretFile(files, 'identity', withNewline(credentials.identity))}`]
      : []),
    ...(proxy ? [`ProxyCommand=${proxyCommand(proxy)}`] : []),
  ];
  const extra = await askPass(credentials, files);
  if (Object.keys(extra).length === 0) options.push('BatchMode=yes');
  const command = ['ssh', '-F', devNull, ...options.flatMap((option) => ['-o', option])].map(quote).join(' ');
  return { config: [], extra: { ...extra, GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' } };
}

/** OpenSSH asks a program for the passphrase; this one prints what the environment says. */
async function askPass(credentials: GitCredentials, files: TemporaryDirectory): Promise<Record<string, string>> {
  if (!credentials.passphrase) return {};
  const script = await secretFile(files, 'askpass', '#!/bin/sh\nprintf \'%s\\n\' "$FLUX_SSH_PASSPHRASE"\n');
  await chmod(script, 0o700);
  return {
    SSH_ASKPASS: script,
    SSH_ASKPASS_REQUIRE: 'force',
    DISPLAY: ':0',
    FLUX_SSH_PASSPHRASE: credentials.passphrase,
  };
}

function proxyCommand({ url, username }: GitProxy): string {
  const { protocol, host } = new URL(url);
  if (username) throw new GitError('invalid', 'a proxy with credentials is not supported for ssh');
  if (!/^[A-Za-z0-9._:[\]-]+$/.test(host)) throw new GitError('invalid', `invalid proxy host '${host}'`); // a shell reads it
  return `nc -X ${protocol.startsWith('socks5') ? '5' : 'connect'} -x ${host} %h %p`;
}

async function secretFile(files: TemporaryDirectory, name: string, content: string): Promise<string> {
  const path = join(files.path, name);
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

/** OpenSSH refuses a key file without a newline at its end. */
function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** For the shell that git runs GIT_SSH_COMMAND with. */
function quote(word: string): string {
  return /^[A-Za-z0-9_./=:%@,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
