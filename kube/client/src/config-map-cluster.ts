import { isNotFound, type KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { clusterOver } from './api-cluster.ts';
import type { Cluster } from './cluster.ts';
import { connectionOf } from './context-connection.ts';
import { httpTransport } from './http-transport.ts';
import { serviceAccountDirectory } from './in-cluster.ts';
import { KubeconfigError } from './kubeconfig.ts';
import { ownServiceAccount } from './own-service-account.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export interface ConfigMapClusterOptions {
  /** Where the ConfigMap and the ServiceAccounts are. */
  management: Cluster;
  tokens: ServiceAccountTokens;
  /** `--default-kubeconfig-service-account`: whose tokens are used where the ConfigMap names nobody. */
  defaultServiceAccount?: string;
  /** Gate `ObjectLevelWorkloadIdentity`: tokens of ServiceAccounts beside the object may be asked for. */
  allowsServiceAccounts: boolean;
  /** Where this process's own token is mounted. */
  ownAccountDirectory?: string;
}

const cloudProviders: readonly string[] = ['aws', 'azure', 'gcp'];

/** The cluster that a ConfigMap of `spec.kubeConfig.configMapRef` describes, reached with short-lived tokens (KUS-AUTH-04). */
export async function connectByConfigMap(configMap: KubeObject, options: ConfigMapClusterOptions): Promise<Cluster> {
  const { name, namespace = '' } = configMap.metadata;
  const data: Readonly<Record<string, string>> = configMap['data'] ?? {};
  checkProvider(data['provider'] ?? '', `${namespace}/${name}`);
  const address = data['address'] ?? '';
  if (address === '') throw new KubeconfigError('cluster address is required to create a REST config');
  const server = parseAddress(address);
  const audiences = (data['audiences'] ?? '').split('\n').map((line) => line.trim());
  const wanted = audiences.filter((audience) => audience !== '');
  const account = await findAccount(data['serviceAccountName'] || options.defaultServiceAccount, namespace, {
    ...options,
    isDefault: !data['serviceAccountName'],
  });
  const subject = { ...account, audiences: wanted.length > 0 ? wanted : [address] };
  await firstToken(() => options.tokens.get(options.management, subject), account);
  const connection = await connectionOf({
    name,
    namespace: undefined,
    cluster: { directory: '', value: { server, ...authorityOf(data['ca.crt']) } },
    user: { directory: '', value: {} },
  });
  const credentials = options.tokens.credentials(options.management, subject);
  return clusterOver(httpTransport({ ...connection, credentials }), server, { ownsBodies: true });
}

function checkProvider(provider: string, id: string): void {
  if (provider === 'generic') return;
  if (cloudProviders.includes(provider)) {
    throw new KubeconfigError(
      `provider '${provider}' of ConfigMap '${id}' is not supported yet; use provider 'generic' or spec.kubeConfig.secretRef`,
    );
  }
  throw new KubeconfigError(`provider '${provider}' not implemented`);
}

/** `https://<host in lower case>:<port>`; a path is not part of it. */
function parseAddress(address: string): string {
  const problem = (text: string) => new KubeconfigError(`failed to parse cluster address ${address}: ${text}`);
  const url = URL.parse(address.startsWith('http') ? address : `https://${address}`);
  if (!url) throw problem(`failed to parse Kubernetes API server address '${address}'`);
  if (url.protocol !== 'https:') throw problem(`the Kubernetes API server address '${address}' must use https scheme`);
  return `https://${url.hostname}:${url.port || '443'}`;
}

function authorityOf(pem: string | undefined): { 'certificate-authority-data'?: string } {
  return pem ? { 'certificate-authority-data': Buffer.from(pem).toString('base64') } : {};
}

interface Account {
  namespace: string;
  serviceAccount: string;
  isOwn?: boolean;
}

const lockdown =
  'the specified default service account does not exist in the object namespace. your cluster is subject to multi-tenant workload identity lockdown, reach out to your cluster administrator for help';

async function findAccount(
  name: string | undefined,
  namespace: string,
  options: ConfigMapClusterOptions & { isDefault: boolean },
): Promise<Account> {
  if (!name) return ownAccount(options.ownAccountDirectory);
  const serviceAccount = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name };
  try {
    await options.management.get(serviceAccount);
  } catch (cause) {
    const problem = `failed to get service account '${namespace}/${name}'`;
    if (options.isDefault && isNotFound(cause)) throw noToken(`${problem}: ${lockdown}`);
    throw noToken(`${problem}: ${messageOf(cause)}`, cause);
  }
  if (!options.allowsServiceAccounts) throw noToken('ObjectLevelWorkloadIdentity feature gate is not enabled');
  return { namespace, serviceAccount: name };
}

async function ownAccount(directory: string = serviceAccountDirectory): Promise<Account> {
  try {
    const { namespace, name } = await ownServiceAccount(directory);
    return { namespace, serviceAccount: name, isOwn: true };
  } catch (cause) {
    throw noToken(`failed to create provider access token for the controller: ${messageOf(cause)}`, cause);
  }
}

/** A refusal is told before anything is asked of the other cluster. */
async function firstToken(
  request: () => Promise<string>,
  { namespace, serviceAccount, isOwn }: Account,
): Promise<void> {
  try {
    await request();
  } catch (cause) {
    const id = `'${namespace}/${serviceAccount}': ${messageOf(cause)}`;
    if (!isOwn) throw noToken(`failed to create kubernetes token for service account ${id}`, cause);
    const what = `failed to create kubernetes token for controller service account ${id}`;
    throw noToken(`failed to create provider access token for the controller: ${what}`, cause);
  }
}

function noToken(problem: string, cause?: unknown): KubeconfigError {
  return new KubeconfigError(`failed to get access token for cluster: ${problem}`, { cause });
}
