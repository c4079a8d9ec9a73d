import { resolve } from 'node:path';
import { ChangingFile, currentText, type TextSource } from './changing-file.ts';
import type { ImpersonatedUser } from './cluster.ts';
import { type Connection, type Credentials, type Identity, staticCredentials } from './connection.ts';
import { environmentProxy, parseProxyUrl } from './environment-proxy.ts';
import {
  type KubeconfigCluster,
  KubeconfigError,
  type KubeconfigUser,
  type Located,
  type SelectedContext,
} from './kubeconfig.ts';
import { impersonationHeaders } from './request-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Text = string | TextSource;

/** Resolves the files, credentials and proxy of a context. What comes from files follows them when they are replaced. */
export async function connectionOf(context: SelectedContext, env: Environment = process.env): Promise<Connection> {
  const { cluster, user } = context;
  const server = parseServer(cluster.value.server, context.name);
  const ca = await inlineOrFile(cluster, 'certificate-authority', 'certificate-authority-data');
  const credentials = await credentialsOf(user, cluster, { server, ca });
  const ownProxy = cluster.value['proxy-url'];
  const proxyUrl = ownProxy ? parseProxyUrl(ownProxy, 'proxy-url') : await environmentProxy(server, env);
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
    ...(cluster.value['disable-compression'] ? { disableCompression: true } : {}),
    headers: impersonationHeaders(impersonatedUser(user.value)),
  };
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
  target: { server: string; ca: Text | undefined },
): Promise<Credentials | undefined> {
  const { value, directory } = user;
  const certificate = await certificateOf(user);
  const token = value.tokenFile
    ? new ChangingFile(resolve(directory, value.tokenFile), 'tokenFile')
    : value.token || undefined;
  if (token !== undefined) await currentText(token);
  const own = await fromTexts(user, token, certificate);
  if (value.exec) {
    if (value['auth-provider'])
      throw new KubeconfigError('a kubeconfig user has either exec or auth-provider, not both');
    const { execCredentials } = await import('./exec-credentials.ts');
    return execCredentials(value.exec, { ...target, directory, cluster: cluster.value }, own);
  }
  const provider = value['auth-provider'];
  if (!provider || token !== undefined) return own;
  if (provider.name !== 'oidc') {
    if (certificate) return own;
    throw new KubeconfigError(
      `users[].user.auth-provider "${provider.name}" is not supported; use an exec plugin instead (oidc is supported)`,
    );
  }
  const { oidcCredentials } = await import('./oidc-credentials.ts');
  return oidcCredentials({ config: provider.config ?? {}, directory, origin: user.origin }, own);
}

/** Static where nothing comes from a file, so that simple configurations cost nothing. */
async function fromTexts(
  { value }: Located<KubeconfigUser>,
  token: Text | undefined,
  certificate: { cert: Text; key: Text } | undefined,
): Promise<Credentials | undefined> {
  const base: Identity = {};
  if (token === undefined && value.username !== undefined) {
    base.authorization = `Basic ${Buffer.from(`${value.username}:${value.password ?? ''}`).toString('base64')}`;
  }
  if ([token, certificate?.cert, certificate?.key].some((text) => typeof text === 'object')) {
    const { fileCredentials } = await import('./file-credentials.ts');
    return fileCredentials({ base, ...(token ? { token } : {}), ...(certificate ? { certificate } : {}) });
  }
  if (typeof token === 'string') base.authorization = `Bearer ${token}`;
  if (typeof certificate?.cert === 'string' && typeof certificate.key === 'string') {
    base.certificate = { cert: certificate.cert, key: certificate.key };
  }
  return Object.keys(base).length > 0 ? staticCredentials(base) : undefined;
}

async function certificateOf(user: Located<KubeconfigUser>): Promise<{ cert: Text; key: Text } | undefined> {
  const cert = await inlineOrFile(user, 'client-certificate', 'client-certificate-data');
  const key = await inlineOrFile(user, 'client-key', 'client-key-data');
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new KubeconfigError('the kubeconfig user needs both a client certificate and its key');
}

/** A file is read once now, so that a wrong path is told at once. */
async function inlineOrFile<K extends string>(
  located: Located<{ [key in K]?: unknown }>,
  fileKey: K,
  dataKey: K,
): Promise<Text | undefined> {
  const data = located.value[dataKey];
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const path = located.value[fileKey];
  if (typeof path !== 'string' || path === '') return undefined;
  const file = new ChangingFile(resolve(located.directory, path), fileKey);
  await file.get();
  return file;
}

function impersonatedUser(user: KubeconfigUser): Partial<ImpersonatedUser> {
  const { as: name, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user;
  if (!name && (uid || groups?.length || extra)) {
    throw new KubeconfigError('the kubeconfig user has as-uid, as-groups or as-user-extra, but no as');
  }
  return {
    ...(name ? { name } : {}),
    ...(uid ? { uid } : {}),
    ...(groups ? { groups } : {}),
    ...(extra ? { extra } : {}),
  };
}
