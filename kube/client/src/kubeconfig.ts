import { FluxError } from '@flux/errors';
import { parseYaml } from '@flux/yaml';

/** A kubeconfig cannot be read, or lacks what is asked of it. */
export class KubeconfigError extends FluxError {
  override readonly code = 'KUBECONFIG';
}

export interface KubeconfigCluster {
  server?: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
  'disable-compression'?: boolean;
  extensions?: { name: string; extension: unknown }[] | null;
}

export interface ExecConfig {
  apiVersion?: string;
  command?: string;
  args?: string[] | null;
  env?: { name: string; value: string }[] | null;
  installHint?: string;
  provideClusterInfo?: boolean;
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

export interface KubeconfigUser {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  username?: string;
  password?: string;
  exec?: ExecConfig;
  'auth-provider'?: { name: string; config?: Record<string, string> };
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
}

interface KubeconfigContext {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** Something that came from a file; its relative paths start at `directory`. */
export interface Located<T> {
  value: T;
  directory: string;
  /** The file and the name in it, for what is written back; absent where there is no file. */
  origin?: { path: string; name: string };
}

/** One or several kubeconfig files merged: for each name, and for the current context, the first file wins. */
export interface Kubeconfig {
  clusters: Map<string, Located<KubeconfigCluster>>;
  users: Map<string, Located<KubeconfigUser>>;
  contexts: Map<string, Located<KubeconfigContext>>;
  currentContext: string;
}

export interface KubeconfigSource {
  text: string;
  /** File name for errors. */
  name: string;
  directory: string;
  /** Absent for a text that came from elsewhere. */
  path?: string;
}

/** Merges kubeconfig texts under the rules of kubectl. */
export function mergeKubeconfigs(sources: readonly KubeconfigSource[]): Kubeconfig {
  const merged: Kubeconfig = { clusters: new Map(), users: new Map(), contexts: new Map(), currentContext: '' };
  for (const source of sources) {
    const file = parseFile(source);
    collect(merged.clusters, file['clusters'], 'cluster', source);
    collect(merged.users, file['users'], 'user', source);
    collect(merged.contexts, file['contexts'], 'context', source);
    const current = file['current-context'];
    if (merged.currentContext === '' && typeof current === 'string') merged.currentContext = current;
  }
  return merged;
}

export interface SelectedContext {
  name: string;
  namespace: string | undefined;
  cluster: Located<KubeconfigCluster>;
  user: Located<KubeconfigUser>;
}

/** The cluster and user of a context; `undefined` stands for the current one. */
export function selectContext(config: Kubeconfig, name = config.currentContext): SelectedContext {
  const context = config.contexts.get(name)?.value;
  if (name === '') throw new KubeconfigError('current-context is not set in the kubeconfig, and no context was named');
  if (!context) throw new KubeconfigError(`context "${name}" does not exist${knownNames(config.contexts)}`);
  const cluster = config.clusters.get(context.cluster ?? '');
  if (!cluster) throw new KubeconfigError(`cluster "${context.cluster ?? ''}" of context "${name}" does not exist`);
  const user: Located<KubeconfigUser> | undefined = context.user
    ? config.users.get(context.user)
    : { value: {}, directory: cluster.directory };
  if (!user) throw new KubeconfigError(`user "${context.user}" of context "${name}" does not exist`);
  return { name, namespace: context.namespace, cluster, user };
}

function knownNames(contexts: ReadonlyMap<string, unknown>): string {
  return contexts.size === 0 ? '' : ` (there is: ${[...contexts.keys()].join(', ')})`;
}

function parseFile({ text, name }: KubeconfigSource): Record<string, unknown> {
  let file: unknown;
  try {
    file = parseYaml(text);
  } catch (cause) {
    throw new KubeconfigError(`error loading config file "${name}": ${(cause as Error).message}`, { cause });
  }
  if (file === null || file === undefined) return {};
  if (typeof file !== 'object' || Array.isArray(file)) {
    throw new KubeconfigError(`error loading config file "${name}": not a kubeconfig, expected a mapping`);
  }
  return file as Record<string, unknown>;
}

function collect<T>(target: Map<string, Located<T>>, list: unknown, member: string, source: KubeconfigSource): void {
  if (list === undefined || list === null) return;
  if (!Array.isArray(list))
    throw new KubeconfigError(`error loading config file "${source.name}": ${member}s is not a list`);
  for (const entry of list as unknown[]) {
    if (!isNamed(entry)) {
      throw new KubeconfigError(`error loading config file "${source.name}": ${member}s has an entry without a name`);
    }
    const value = (entry as Record<string, unknown>)[member] ?? {};
    const origin = source.path === undefined ? {} : { origin: { path: source.path, name: entry.name } };
    const located = { value: value as T, directory: source.directory, ...origin };
    if (!target.has(entry.name)) target.set(entry.name, located);
  }
}

function isNamed(entry: unknown): entry is { name: string } {
  return typeof entry === 'object' && entry !== null && typeof (entry as { name?: unknown }).name === 'string';
}
