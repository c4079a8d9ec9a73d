import type { HistoryEntry, Kustomization } from '@flux/api';
import { formatTime } from '@flux/gotypes';
import { formatElapsed } from './timing.ts';

const maxEntries = 5;

interface HistoryRecord {
  /** Of the rendered objects (KUS-BUILD-07). */
  digest: string;
  /** Reason of the Ready condition. */
  status: string;
  startedAt: Date;
  finishedAt: Date;
  metadata: Record<string, string>;
}

/** KUS-STAT-02: newest first; the same digest with the same result is counted, not listed again. */
export function recordHistory(object: Kustomization, record: HistoryRecord): void {
  const history = object.status?.history ?? [];
  const finished = formatTime(record.finishedAt);
  const isSame = (entry: HistoryEntry) =>
    entry.digest === record.digest && entry.lastReconciledStatus === record.status;
  const known = history.find(isSame);
  const entry: HistoryEntry = {
    digest: record.digest,
    firstReconciled: known?.firstReconciled ?? finished,
    lastReconciled: finished,
    lastReconciledDuration: formatElapsed(record.startedAt, record.finishedAt),
    lastReconciledStatus: record.status,
    totalReconciliations: (known?.totalReconciliations ?? 0) + 1,
    metadata: record.metadata,
  };
  object.status = {
    ...object.status,
    history: [entry, ...history.filter((other) => other !== known)].slice(0, maxEntries),
  };
}
