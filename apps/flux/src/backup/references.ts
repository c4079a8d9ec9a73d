import { isJsonObject, type KubeObject, type ObjectRef } from '@flux/apimachinery';

/** Members that hold other people's objects or free values, in which a `secretRef` means something else. */
const foreign = new Set(['values', 'patches', 'postRenderers', 'substitute', 'healthChecks', 'healthCheckExprs']);
const lists = new Set(['valuesFrom', 'substituteFrom']);

/**
 * The Secrets, ConfigMaps and ServiceAccounts that an object of Flux needs, all of its own namespace: whatever is called
 * `…secretRef`, `…configMapRef`, `serviceAccountName`, `valuesFrom` or `substituteFrom`, so that kinds that we do not know
 * are complete, too.
 */
export function referencesOf({ metadata, spec }: KubeObject): ObjectRef[] {
  const { namespace = '' } = metadata;
  const found = new Map<string, ObjectRef>();
  const add = (kind: string, name: unknown) => {
    if (typeof name !== 'string' || name === '') return;
    found.set(`${kind}/${name}`, { apiVersion: 'v1', kind, namespace, name });
  };
  visit(spec, add);
  return [...found.values()];
}

function visit(value: unknown, add: (kind: string, name: unknown) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, add);
  if (!isJsonObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    if (foreign.has(key)) continue;
    if (/secretRef$/i.test(key)) add('Secret', nameIn(member));
    else if (/configMapRef$/i.test(key)) add('ConfigMap', nameIn(member));
    else if (key === 'serviceAccountName') add('ServiceAccount', member);
    else if (lists.has(key) && Array.isArray(member)) for (const item of member) addListed(item, add);
    else visit(member, add);
  }
}

function addListed(item: unknown, add: (kind: string, name: unknown) => void): void {
  if (!isJsonObject(item)) return;
  if (item['kind'] === 'Secret' || item['kind'] === 'ConfigMap') add(item['kind'], item['name']);
}

function nameIn(reference: unknown): unknown {
  return isJsonObject(reference) ? reference['name'] : undefined;
}
