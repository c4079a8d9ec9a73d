import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Cluster, Connection, ConnectOptions } from '@flux/client';
import type { Environment } from './context.ts';
import type { GlobalFlags } from './global-flags.ts';

/** Folder in which `flux up` keeps its cluster when nothing else is said. */
export const defaultDataDirectory = '.flux';

/** Where `flux up` keeps its cluster: FLUX_DATA_DIR, else `.flux` in the working directory. */
export function dataDirectory(env: Environment, cwd: string): string {
  return resolve(cwd, env['FLUX_DATA_DIR'] || defaultDataDirectory);
}

/**
 * The kubeconfig to use: what kubectl would take; when there is none of it, the one that `flux up` left in its data
 * directory. `undefined` leaves the choice to the client, which also knows about running in a Pod.
 */
export function findKubeconfig(globals: GlobalFlags, env: Environment, cwd: string): string | undefined {
  if (globals.kubeconfig) return globals.kubeconfig;
  if (env['KUBECONFIG'] || existsSync(join(env['HOME'] || homedir(), '.kube', 'config'))) return undefined;
  const local = join(dataDirectory(env, cwd), 'kubeconfig');
  return existsSync(local) ? local : undefined;
}

/** A cluster that `flux up` runs: its controllers are in that process, which writes beside the kubeconfig. */
export interface LocalCluster {
  log: string;
  /** Process id and ports, see `runtime.json` of apps/manager. */
  runtime: string;
}

/** The local cluster that a command would talk to; `undefined` when it talks to another one. */
export function findLocalCluster(globals: GlobalFlags, env: Environment, cwd: string): LocalCluster | undefined {
  const kubeconfig = findKubeconfig(globals, env, cwd) ?? env['KUBECONFIG'];
  if (!kubeconfig || kubeconfig.includes(delimiter)) return undefined;
  const directory = dirname(resolve(cwd, kubeconfig));
  const local = { log: join(directory, 'flux.log'), runtime: join(directory, 'runtime.json') };
  return existsSync(local.log) ? local : undefined;
}

/** Opens the cluster that the global flags and the environment name. */
export async function connect(globals: GlobalFlags, env: Environment, cwd: string): Promise<Cluster> {
  const { clusterOver, httpTransport, resolveConnection } = await import('@flux/client');
  const connection = await resolveConnection(await connectOptions(globals, env, cwd));
  const overridden = await withConnectionFlags(connection, globals, cwd);
  return clusterOver(httpTransport(overridden), overridden.server, { ownsBodies: true, discoversByVersion: true });
}

async function connectOptions(globals: GlobalFlags, env: Environment, cwd: string): Promise<ConnectOptions> {
  const kubeconfig = findKubeconfig(globals, env, cwd);
  const source =
    globals.cluster || globals.user
      ? { kubeconfigText: await recombined(globals, kubeconfig, env) }
      : {
          ...(kubeconfig === undefined ? {} : { kubeconfig }),
          ...(globals.context ? { context: globals.context } : {}),
        };
  return { env, ...source, ...(globals.server ? { server: globals.server } : {}) };
}

/** A kubeconfig of one context with the cluster and the user that `--cluster` and `--user` name. */
async function recombined(globals: GlobalFlags, path: string | undefined, env: Environment): Promise<string> {
  const { KubeconfigError, loadKubeconfig } = await import('@flux/client');
  const config = await loadKubeconfig({ env, ...(path === undefined ? {} : { path }) });
  const context = config?.contexts.get(globals.context || config.currentContext)?.value;
  const [clusterName = '', userName = ''] = [globals.cluster || context?.cluster, globals.user || context?.user];
  const cluster = config?.clusters.get(clusterName);
  if (!cluster) throw new KubeconfigError(`cluster "${clusterName}" does not exist`);
  const user = config?.users.get(userName);
  if (!user && globals.user) throw new KubeconfigError(`user "${userName}" does not exist`);
  const namespace = context?.namespace;
  return JSON.stringify({
    'current-context': 'flux',
    contexts: [{ name: 'flux', context: { cluster: 'flux', user: 'flux', ...(namespace ? { namespace } : {}) } }],
    clusters: [{ name: 'flux', cluster: withAbsolutePaths(cluster) }],
    users: [{ name: 'flux', user: user ? withAbsolutePaths(user) : {} }],
  });
}

const pathFields = new Set(['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']);

function withAbsolutePaths({ value, directory }: { value: object; directory: string }): object {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      pathFields.has(name) && typeof field === 'string' ? resolve(directory, field) : field,
    ]),
  );
}

async function withConnectionFlags(connection: Connection, globals: GlobalFlags, cwd: string): Promise<Connection> {
  const read = (path: string) => readFile(resolve(cwd, path), 'utf8');
  const { staticCredentials } = await import('@flux/client');
  const certificate =
    globals['client-certificate'] && globals['client-key']
      ? { cert: await read(globals['client-certificate']), key: await read(globals['client-key']) }
      : undefined;
  const identity = {
    ...(globals.token ? { authorization: `Bearer ${globals.token}` } : {}),
    ...(certificate ? { certificate } : {}),
  };
  return {
    ...connection,
    ...(Object.keys(identity).length > 0 ? { credentials: staticCredentials(identity) } : {}),
    tls: {
      ...connection.tls,
      ...(globals['certificate-authority'] ? { ca: await read(globals['certificate-authority']) } : {}),
      ...(globals['tls-server-name'] ? { serverName: globals['tls-server-name'] } : {}),
      ...(globals['insecure-skip-tls-verify'] ? { insecureSkipVerify: true } : {}),
    },
    headers: { ...connection.headers, ...impersonation(globals) },
  };
}

function impersonation(globals: GlobalFlags): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  if (globals.as) headers['impersonate-user'] = globals.as;
  if (globals['as-uid']) headers['impersonate-uid'] = globals['as-uid'];
  if (globals['as-group'].length > 0) headers['impersonate-group'] = globals['as-group'];
  for (const extra of globals['as-user-extra']) {
    const [key = '', ...value] = extra.split('=');
    const header = `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`;
    headers[header] = [...(headers[header] ?? []), value.join('=')];
  }
  return headers;
}

/** Namespace of the chosen context, for `--ns-follows-kube-context`. */
export async function contextNamespace(
  globals: GlobalFlags,
  env: Environment,
  cwd: string,
): Promise<string | undefined> {
  const { loadKubeconfig } = await import('@flux/client');
  const path = findKubeconfig(globals, env, cwd);
  const config = await loadKubeconfig({ env, ...(path === undefined ? {} : { path }) });
  return config?.contexts.get(globals.context || config.currentContext)?.value.namespace;
}
