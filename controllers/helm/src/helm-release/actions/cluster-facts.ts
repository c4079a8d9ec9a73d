import { formatApiVersion } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Capabilities, Lookup } from '@flux/helm';

/** What templates learn of the cluster: its version and everything that discovery lists (HELM-TPL-12). */
export async function readCapabilities(cluster: Cluster): Promise<Capabilities> {
  const [{ body }, mappings] = await Promise.all([
    cluster.raw({ method: 'GET', path: '/version' }),
    cluster.mappings(),
  ]);
  const { gitVersion = '', major = '', minor = '' } = body as Record<string, string>;
  const versions = new Set<string>();
  for (const { group, version, kind } of mappings) {
    const groupVersion = formatApiVersion(group, version);
    versions.add(groupVersion).add(`${groupVersion}/${kind}`);
  }
  return { kubeVersion: { version: gitVersion, major, minor }, apiVersions: [...versions] };
}

/** HELM-TPL-08. */
export function lookupIn(cluster: Cluster): Lookup {
  return async (apiVersion, kind, namespace, name) => {
    const { namespaced } = await cluster.mapping({ apiVersion, kind });
    const at = namespaced && namespace ? { namespace } : {};
    if (name) return (await cluster.find({ apiVersion, kind, name, ...at })) ?? {};
    const { items, metadata } = await cluster.list({ apiVersion, kind }, at);
    return { apiVersion, kind: `${kind}List`, metadata, items };
  };
}

/** Gate `AllowDNSLookups`. Of several addresses the first in order, so that a rendering can be repeated. */
export async function resolveHost(name: string): Promise<string> {
  const { lookup } = await import('node:dns/promises');
  const addresses = await lookup(name, { all: true });
  return addresses.map(({ address }) => address).toSorted()[0] ?? '';
}
