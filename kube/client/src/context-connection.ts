import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Connection, type Credentials, type Identity, staticCredentials } from './connection.ts';
import {
  type KubeconfigCluster,
  KubeconfigError,
  type KubeconfigUser,
  type Located,
  type SelectedContext,
} from './kubeconfig.ts';

/** Resolves the files, credentials and proxy of a context. */
export async function connectionOf(context: SelectedContext): Promise<Connection> {
  const { cluster, user } = context;
  const server = parseServer(cluster.value.server, context.name);
  const ca = await inlineOrFile(cluster, 'certificate-authority', 'certificate-authority-data');
  const credentials = await credentialsOf(user, cluster, { server, ca });
  const proxyUrl = cluster.value['proxy-url'] || (await environmentProxy(server));
  const serverName = cluster.value['tls-server-name'];
  return {
    server,
    ...(credentials ? { credentials } : {}),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(serverName ? { serverName } : {}),
      ...(cluster.value['insecure-skip-tls-verify'] ? { insecureSkipVerify: true } : {}),
    },
    ...(proxyUrl ? { proxyUrl } : {}),
    headers: impersonationHeaders(user.value),
  };
}

const proxyVariables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/** `@flux/http` is loaded only where a proxy may be asked for: it is a large part of the start of a command. */
async function environmentProxy(server: string): Promise<string | undefined> {
  const isSet = proxyVariables.some((name) => process.env[name] || process.env[name.toLowerCase()]);
  if (!isSet) return undefined;
  const { proxyFromEnvironment } = await import('@flux/http');
  return proxyFromEnvironment(new URL(server), process.env);
}

function parseServer(server: string | undefined, context: string): string {
  if (!server) throw new KubeconfigError(`the cluster of context "${context}" has no server`);
  const text = server.includes('://') ? server : `http://${server}`; // as client-go reads a bare host
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new KubeconfigError(`the server of context "${context}" is no http(s) URL: ${server}`);
  }
  return text;
}

async function credentialsOf(
  user: Located<KubeconfigUser>,
  cluster: Located<KubeconfigCluster>,
  target: { server: string; ca: string | undefined },
): Promise<Credentials | undefined> {
  const { value, directory } = user;
  const identity: Identity = {};
  const cert = await inlineOrFile(user, 'client-certificate', 'client-certificate-data');
  const key = await inlineOrFile(user, 'client-key', 'client-key-data');
  if ((cert === undefined) !== (key === undefined)) {
    throw new KubeconfigError('the kubeconfig user needs both a client certificate and its key');
  }
  if (cert !== undefined && key !== undefined) identity.certificate = { cert, key };
  if (value.exec) {
    const { execCredentials } = await import('./exec-credentials.ts');
    return execCredentials(value.exec, { ...target, directory, cluster: cluster.value }, identity);
  }
  if (value.tokenFile) {
    const { tokenFileCredentials } = await import('./token-file.ts');
    return tokenFileCredentials(resolve(directory, value.tokenFile), identity);
  }
  if (value.token) identity.authorization = `Bearer ${value.token}`;
  else if (value.username !== undefined) {
    identity.authorization = `Basic ${Buffer.from(`${value.username}:${value.password ?? ''}`).toString('base64')}`;
  } else if (value['auth-provider'] && !identity.certificate) {
    throw new KubeconfigError(
      `users[].user.auth-provider "${value['auth-provider'].name}" is not supported; use an exec plugin such as kubelogin`,
    );
  }
  return Object.keys(identity).length > 0 ? staticCredentials(identity) : undefined;
}

async function inlineOrFile<K extends string>(
  located: Located<{ [key in K]?: unknown }>,
  fileKey: K,
  dataKey: K,
): Promise<string | undefined> {
  const data = located.value[dataKey];
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const file = located.value[fileKey];
  if (typeof file !== 'string' || file === '') return undefined;
  const path = resolve(located.directory, file);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KubeconfigError(`unable to read ${fileKey} ${path}: ${(cause as Error).message}`, { cause });
  }
}

function impersonationHeaders(user: KubeconfigUser): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (user.as) headers['impersonate-user'] = user.as;
  if (user['as-uid']) headers['impersonate-uid'] = user['as-uid'];
  if (user['as-groups']?.length) headers['impersonate-group'] = user['as-groups'];
  for (const [key, values] of Object.entries(user['as-user-extra'] ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values;
  }
  return headers;
}
