import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { type StatusCondition, setCondition } from '../controllers/context.ts';
import { formatWarnings } from '../crd/formats.ts';
import { validateCustomResourceDefinition, validateCustomResourceDefinitionUpdate } from '../crd/validate.ts';
import type { Strategy } from '../registry/resource.ts';
import { type Fields, list, setDefault } from './fields.ts';

/** Keeps a CRD until its instances are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export const customResourceDefinition: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    const { names } = spec;
    if (names && !names.singular && names.kind) names.singular = names.kind.toLowerCase();
    if (names && !names.listKind && names.kind) names.listKind = `${names.kind}List`;
    setDefault(spec, 'conversion', { strategy: 'None' });
    const service = spec.conversion.webhook?.clientConfig?.service;
    if (service) setDefault(service, 'port', 443);
  },
  prepareForCreate(object) {
    const stored = (list(object['spec'].versions) as Fields[]).filter(({ storage }) => storage).map(({ name }) => name);
    object['status'] = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored.slice(0, 1),
    };
  },
  prepareForUpdate(object, _old, { subresource }) {
    if (subresource) return;
    const { spec, status } = object;
    for (const { name, storage } of list(spec.versions)) {
      if (storage && !(status.storedVersions ?? []).includes(name))
        status.storedVersions = [...(status.storedVersions ?? []), name];
    }
  },
  warnings: ({ spec }) => formatWarnings(list(spec.versions)),
  validate: (object) => validateCustomResourceDefinition(object),
  validateUpdate: (object, old) => validateCustomResourceDefinitionUpdate(object, old),
  markDeleted(live, { now }) {
    const { finalizers = [], deletionTimestamp } = live.metadata;
    if (deletionTimestamp || finalizers.includes(cleanupFinalizer)) return undefined;
    return terminating(live, formatTime(now));
  },
};

function terminating(live: KubeObject, now: string): KubeObject {
  const condition: StatusCondition = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  const conditions = setCondition(list(live['status']?.conditions) as StatusCondition[], condition, now);
  return {
    ...live,
    metadata: {
      ...live.metadata,
      deletionTimestamp: now,
      finalizers: [...(live.metadata.finalizers ?? []), cleanupFinalizer],
    },
    status: { ...live['status'], conditions },
  };
}
