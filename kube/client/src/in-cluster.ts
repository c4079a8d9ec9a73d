import { join } from 'node:path';
import { ChangingFile } from './changing-file.ts';
import type { Connection } from './connection.ts';
import { environmentProxy } from './environment-proxy.ts';
import { fileCredentials } from './file-credentials.ts';
import { KubeconfigError } from './kubeconfig.ts';

interface InClusterOptions {
  env?: Readonly<Record<string, string | undefined>>;
  /** Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  directory?: string;
}

/** Where a Pod finds the token, namespace and authority of its account. */
export const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Whether this process runs in a Pod that may talk to its API server. */
export function isInCluster(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST'] && env['KUBERNETES_SERVICE_PORT']);
}

/** The connection of a Pod: its service account's token and authority, read again as they are rotated. */
export async function inClusterConnection(options: InClusterOptions = {}): Promise<Connection> {
  const env = options.env ?? process.env;
  const directory = options.directory ?? serviceAccountDirectory;
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (!host || !port) {
    throw new KubeconfigError(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  }
  const ca = new ChangingFile(join(directory, 'ca.crt'), 'the authority of the service account');
  const isPrivate = await ca.get().then(
    () => true,
    () => false,
  );
  const token = new ChangingFile(join(directory, 'token'), 'the token of the service account');
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const proxyUrl = await environmentProxy(server, env);
  return {
    server,
    credentials: fileCredentials({ token }),
    tls: isPrivate ? { ca } : {},
    ...(proxyUrl ? { proxyUrl } : {}),
  };
}
