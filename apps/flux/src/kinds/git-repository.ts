import { gitRepository } from '@flux/api';
import { defineKindView, formatBool, shortenDigests } from './kind-view.ts';

export const gitRepositoryView = defineKindView(gitRepository, {
  columns: {
    REVISION: ({ status }) => shortenDigests(status?.artifact?.revision ?? ''),
    SUSPENDED: ({ spec }) => formatBool(spec.suspend),
  },
  success: ({ status }) => `fetched revision ${status?.artifact?.revision ?? ''}`,
});
