import { helmChart } from '@flux/api';
import { defineKindView, formatBool } from './kind-view.ts';

export const helmChartView = defineKindView(helmChart, {
  columns: {
    REVISION: ({ status }) => status?.artifact?.revision ?? '',
    SUSPENDED: ({ spec }) => formatBool(spec.suspend),
  },
  success: ({ status }) => `fetched revision ${status?.artifact?.revision ?? ''}`,
  sourceOf: ({ spec, metadata }) => ({
    kind: spec.sourceRef.kind,
    namespace: metadata.namespace ?? '',
    name: spec.sourceRef.name,
  }),
});
