import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from './connection.ts';
import { KubeconfigError } from './kubeconfig.ts';
import { tokenFileCredentials } from './token-file.ts';

interface InClusterOptions {
  env?: Readonly<Record<string, string | undefined>>;
  /** Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  directory?: string;
}

const serviceAccountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Whether this process runs in a Pod that may talk to its API server. */
export function isInCluster(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST'] && env['KUBERNETES_SERVICE_PORT']);
}

/** The connection of a Pod: its service account's token, read again as it is rotated. */
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
  const ca = await readFile(join(directory, 'ca.crt'), 'utf8').catch(() => undefined);
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    credentials: tokenFileCredentials(join(directory, 'token')),
    tls: ca === undefined ? {} : { ca },
  };
}

/** The namespace of the Pod, as its service account mount says. */
export async function inClusterNamespace(directory = serviceAccountDirectory): Promise<string | undefined> {
  const text = await readFile(join(directory, 'namespace'), 'utf8').catch(() => '');
  return text.trim() || undefined;
}
