import type { KubeObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { storageKey } from '../storage/bucket.ts';
import { type ControllerContext, type StatusCondition, setCondition, timestamp } from './context.ts';
import { Loop } from './loop.ts';

const kubernetesFinalizer = 'kubernetes';

/** Every namespace has a `default` ServiceAccount and the server's certificate. */
export function startNamespaceDefaults(context: ControllerContext): Loop {
  const { api, writer, caPem, log } = context;
  const namespaces = api.resource('', 'namespaces');
  const accounts = api.resource('', 'serviceaccounts');
  const configMaps = api.resource('', 'configmaps');
  const loop = new Loop('namespace defaults', log, (name) => {
    const live = namespaces.bucket.get(name);
    if (!live || live.metadata.deletionTimestamp) return;
    if (!accounts.bucket.get(storageKey(name, 'default'))) {
      writer.create(accounts, { metadata: { name: 'default', namespace: name } });
    }
    const rootCa = 'kube-root-ca.crt';
    const known = configMaps.bucket.get(storageKey(name, rootCa));
    const data = { 'ca.crt': caPem };
    if (!known) {
      const annotations = {
        'kubernetes.io/description':
          'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
      };
      writer.create(configMaps, { metadata: { name: rootCa, namespace: name, annotations }, data });
    } else if (known['data']?.['ca.crt'] !== caPem)
      writer.update(configMaps, known, (object) => Object.assign(object, { data }));
  });
  loop.watch(namespaces.bucket, ({ object }) => [object.metadata.name]);
  loop.watch(accounts.bucket, ({ type, object }) =>
    type === 'DELETED' && object.metadata.name === 'default' ? [object.metadata.namespace!] : [],
  );
  loop.watch(configMaps.bucket, ({ object }) =>
    object.metadata.name === 'kube-root-ca.crt' ? [object.metadata.namespace!] : [],
  );
  return loop;
}

/** Empties a terminating namespace, then removes its finalizer. */
export function startNamespaceTermination(context: ControllerContext): Loop {
  const { api, log } = context;
  const namespaces = api.resource('', 'namespaces');
  const loop = new Loop('namespace termination', log, (name) => {
    const live = namespaces.bucket.get(name);
    if (live?.metadata.deletionTimestamp) terminate(context, namespaces, live);
  });
  loop.watch(namespaces.bucket, ({ object }) => [object.metadata.name]);
  const watched = new Set<object>();
  const watchAll = () => {
    for (const { bucket, namespaced } of api.catalog.all()) {
      if (!namespaced || watched.has(bucket)) continue;
      watched.add(bucket);
      // A removal may be the last one that a terminating namespace waits for.
      loop.watch(bucket, ({ type, object }) =>
        type === 'DELETED' || namespaces.bucket.get(object.metadata.namespace!)?.metadata.deletionTimestamp
          ? [object.metadata.namespace!]
          : [],
      );
    }
  };
  watchAll();
  api.catalog.onChange(watchAll);
  return loop;
}

function terminate(context: ControllerContext, namespaces: Resource, live: KubeObject): void {
  const { api, writer } = context;
  const { name } = live.metadata;
  const remaining = new Map<Resource, number>();
  for (const resource of distinct(api.catalog.all())) {
    if (!resource.namespaced || !resource.verbs.includes('delete')) continue;
    for (const object of resource.bucket.values(name)) {
      writer.delete(resource, object, {
        propagationPolicy: 'Background',
        ...(resource.plural === 'pods' ? {} : { gracePeriodSeconds: 0 }),
      });
    }
    const left = resource.bucket.values(name).length;
    if (left > 0) remaining.set(resource, left);
  }
  if (remaining.size === 0) {
    finalize(context, namespaces, live);
    return;
  }
  const now = timestamp(context);
  writer.update(
    namespaces,
    live,
    (object) => {
      let conditions: StatusCondition[] = object['status']?.conditions ?? [];
      for (const condition of remainingConditions(remaining, name))
        conditions = setCondition(conditions, condition, now);
      object['status'] = { ...object['status'], phase: 'Terminating', conditions };
    },
    'status',
  );
}

/** Versions of one resource share their storage; each is emptied once. */
function distinct(resources: readonly Resource[]): Resource[] {
  return [...new Map(resources.map((resource) => [resource.bucket, resource])).values()];
}

function finalize({ api }: ControllerContext, namespaces: Resource, live: KubeObject): void {
  const current = namespaces.bucket.get(live.metadata.name);
  if (!current) return;
  const finalizers: string[] = (current['spec']?.finalizers ?? []).filter(
    (item: string) => item !== kubernetesFinalizer,
  );
  const object: KubeObject = { ...current, spec: finalizers.length > 0 ? { finalizers } : {} };
  if (finalizers.length === 0 && !(current.metadata.finalizers ?? []).length) {
    api.store.remove(namespaces.bucket, current.metadata.name, object);
  } else if (finalizers.length !== current['spec']?.finalizers?.length) api.store.put(namespaces.bucket, object);
}

function remainingConditions(remaining: ReadonlyMap<Resource, number>, namespace: string): StatusCondition[] {
  const counts: string[] = [];
  const finalizers = new Map<string, number>();
  for (const [resource, count] of remaining) {
    const qualified = resource.group ? `${resource.plural}.${resource.group}` : `${resource.plural}.`;
    counts.push(`${qualified} has ${count} resource instances`);
    for (const { metadata } of resource.bucket.values(namespace)) {
      for (const finalizer of metadata.finalizers ?? [])
        finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
    }
  }
  const waits = [...finalizers].map(([finalizer, count]) => `${finalizer} in ${count} resource instances`);
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      status: 'False',
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    {
      type: 'NamespaceContentRemaining',
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: `Some resources are remaining: ${counts.sort().join(', ')}`,
    },
    waits.length > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${waits.sort().join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
}
