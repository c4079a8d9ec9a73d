import type { KubeObject } from '@flux/apimachinery';
import { createAuthority } from '@flux/crypto';
import type { Api } from '../registry/api.ts';
import { createObject } from '../registry/create.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';
import { serviceRange } from '../strategies/service.ts';
import roles from './bootstrap-roles.generated.json' with { type: 'json' };

/** What every cluster has from its first moment: system namespaces, default roles, priority classes, the server's own settings. */
export async function bootstrap(api: Api, caPem: string): Promise<void> {
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    ensure(api, '', 'namespaces', { metadata: { name } });
  }
  for (const [plural, { metadata, ...content }] of roles as [string, Draft][]) {
    const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...metadata.labels };
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
    ensure(api, 'rbac.authorization.k8s.io', plural, { ...content, metadata: { ...metadata, labels, annotations } });
  }
  ensurePriorityClasses(api);
  ensureSettings(api);
  await ensureAuthorities(api, caPem);
}

function ensurePriorityClasses(api: Api): void {
  for (const [name, value] of [
    ['system-node-critical', 2000001000],
    ['system-cluster-critical', 2000000000],
  ] as const) {
    const description = `Used for system critical pods that must ${name === 'system-node-critical' ? 'not be moved from their current node' : 'run in the cluster, but can be moved to another node if necessary'}.`;
    ensure(api, 'scheduling.k8s.io', 'priorityclasses', { metadata: { name }, value, description });
  }
}

/** Where addresses of services come from, and since when the server looks out for tokens of the old kind. */
function ensureSettings(api: Api): void {
  ensure(api, 'networking.k8s.io', 'servicecidrs', {
    metadata: { name: 'kubernetes' },
    spec: { cidrs: [serviceRange] },
  });
  ensure(api, '', 'configmaps', {
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: api.now().toISOString().slice(0, 10) },
  });
}

/**
 * Whom programs that serve requests themselves (controller manager, scheduler, metrics) trust for client certificates and
 * for proxies. They insist on an authority of proxies; the key of this one is thrown away, as nothing is proxied.
 */
async function ensureAuthorities(api: Api, caPem: string): Promise<void> {
  const metadata = { name: 'extension-apiserver-authentication', namespace: 'kube-system' };
  if (api.find('', 'configmaps', metadata.namespace, metadata.name)) return;
  const proxies = await createAuthority({ commonName: 'front-proxy-ca', days: 3650 });
  ensure(api, '', 'configmaps', {
    metadata,
    data: {
      'client-ca-file': caPem,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-client-ca-file': proxies.certPem,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    },
  });
}

type Draft = Record<string, unknown> & {
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; [field: string]: unknown };
};

/** Creates an object unless it is there. */
function ensure(api: Api, group: string, plural: string, draft: Draft): KubeObject {
  const resource = api.resource(group, plural);
  const { name, namespace } = draft.metadata;
  const known = resource.bucket.get(storageKey(namespace, name));
  if (known) return known;
  return createObject(systemRequest(api, group, plural, namespace), resource.decode(copyJson(draft), { strict: [] }));
}

/** A write by the server itself. */
function systemRequest(
  api: Api,
  group: string,
  plural: string,
  namespace: string | undefined,
  manager = 'kube-apiserver',
) {
  return {
    api,
    resource: api.resource(group, plural),
    namespace,
    name: undefined,
    subresource: '',
    dryRun: false,
    fieldManager: manager,
    fieldValidation: 'Ignore' as const,
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    warn: () => undefined,
  };
}

/** Gives claims that name no class a volume, as most clusters do; a default class of the user's own stays the only one. */
export function ensureDefaultStorageClass(api: Api): void {
  const annotation = 'storageclass.kubernetes.io/is-default-class';
  const classes = api.list('storage.k8s.io', 'storageclasses');
  if (classes.some(({ metadata }) => metadata.annotations?.[annotation] === 'true')) return;
  ensure(api, 'storage.k8s.io', 'storageclasses', {
    metadata: { name: 'standard', annotations: { [annotation]: 'true' } },
    provisioner: 'flux.local/simulated',
  });
}
