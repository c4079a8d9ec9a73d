import { helmRepository } from '@flux/api';
import { defineKindView, formatBool, shortenDigests } from './kind-view.ts';

const staticMessage = 'Helm repository is Ready';

export const helmRepositoryView = defineKindView(helmRepository, {
  columns: {
    REVISION: ({ status }) => shortenDigests(status?.artifact?.revision ?? ''),
    SUSPENDED: ({ spec }) => formatBool(spec.suspend),
  },
  success: ({ spec, status }) =>
    spec.type === 'oci' ? staticMessage : `fetched revision ${status?.artifact?.revision ?? ''}`,
  staticMessage: ({ spec }) => (spec.type === 'oci' ? staticMessage : undefined),
});
