import { kustomization } from '@flux/api';
import { defineKindView, formatBool, shortenDigests } from './kind-view.ts';

export const kustomizationView = defineKindView(kustomization, {
  columns: {
    SOURCE: ({ spec, metadata }) => {
      const { kind, namespace, name } = spec.sourceRef;
      return `${kind}/${namespace ?? metadata.namespace}/${name}`;
    },
    REVISION: ({ status }) => shortenDigests(status?.lastAppliedRevision ?? ''),
    SUSPENDED: ({ spec }) => formatBool(spec.suspend),
  },
  success: ({ status }) => `applied revision ${status?.lastAppliedRevision ?? ''}`,
  sourceOf: ({ spec, metadata }) => ({
    kind: spec.sourceRef.kind,
    namespace: spec.sourceRef.namespace ?? metadata.namespace ?? '',
    name: spec.sourceRef.name,
  }),
});
