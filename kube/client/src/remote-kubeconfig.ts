import type { ExecConfig, Kubeconfig, KubeconfigCluster, KubeconfigUser, SelectedContext } from './kubeconfig.ts';
import { selectContext } from './kubeconfig.ts';

export interface RemoteKubeconfigOptions {
  /** `--insecure-kubeconfig-exec`. */
  allowExec?: boolean;
  /** `--insecure-kubeconfig-tls`. */
  allowInsecureTls?: boolean;
}

/**
 * The current context of a kubeconfig that came from a Secret, without what must not reach into this process: file
 * references, token files, impersonation, auth providers, exec plugins and unverified TLS (KUS-AUTH-02).
 */
export function selectRemoteContext(config: Kubeconfig, options: RemoteKubeconfigOptions = {}): SelectedContext {
  const context = selectContext(config);
  return {
    ...context,
    cluster: { ...context.cluster, value: sanitizeCluster(context.cluster.value, options) },
    user: { ...context.user, value: sanitizeUser(context.user.value, options) },
  };
}

function sanitizeCluster(cluster: KubeconfigCluster, options: RemoteKubeconfigOptions): KubeconfigCluster {
  const kept = pick(cluster, ['server', 'certificate-authority-data', 'tls-server-name', 'proxy-url']);
  const isInsecure = options.allowInsecureTls && cluster['insecure-skip-tls-verify'];
  return isInsecure ? { ...kept, 'insecure-skip-tls-verify': true } : kept;
}

function sanitizeUser(user: KubeconfigUser, options: RemoteKubeconfigOptions): KubeconfigUser {
  const kept = pick(user, ['token', 'client-certificate-data', 'client-key-data', 'username', 'password']);
  const exec: ExecConfig | undefined = options.allowExec ? user.exec : undefined;
  return exec ? { ...kept, exec } : kept;
}

function pick<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Pick<T, K> {
  const kept: Partial<Pick<T, K>> = {};
  for (const key of keys) if (Object.hasOwn(source, key)) kept[key] = source[key];
  return kept as Pick<T, K>;
}
