import type { HelmReleaseSnapshot } from '@flux/api';

const maxEntries = 5;

export type History = readonly HelmReleaseSnapshot[];

function sortByVersion(history: History): HelmReleaseSnapshot[] {
  return history.toSorted((a, b) => b.version - a.version);
}

export function latestOf(history: History | undefined): HelmReleaseSnapshot | undefined {
  return history?.[0];
}

/** The newest revision before the latest that a rollback may go to. */
export function previousOf(history: History | undefined, ignoresTests: boolean): HelmReleaseSnapshot | undefined {
  const [, ...older] = sortByVersion(history ?? []);
  return older.find((snapshot) => isGood(snapshot, ignoresTests));
}

/** HELM-STAT-04: keeps the latest up to the first older one that was good. */
export function truncate(history: History, ignoresTests: boolean): HelmReleaseSnapshot[] {
  const [latest, ...older] = sortByVersion(history);
  if (!latest) return [];
  const index = older.findIndex((snapshot) => isGood(snapshot, ignoresTests));
  return [latest, ...older.slice(0, index < 0 ? maxEntries - 1 : index + 1)];
}

function isGood(snapshot: HelmReleaseSnapshot, ignoresTests: boolean): boolean {
  if (snapshot.status !== 'deployed' && snapshot.status !== 'superseded') return false;
  return ignoresTests || !hasTestInPhase(snapshot, 'Failed');
}

export function hasTestInPhase({ testHooks }: HelmReleaseSnapshot, phase: string): boolean {
  return Object.values(testHooks ?? {}).some((hook) => hook.phase === phase);
}

/** HELM-STATE-02. */
export function isTested({ testHooks }: HelmReleaseSnapshot): boolean {
  if (!testHooks) return false;
  const phases = Object.values(testHooks).map(({ phase }) => phase);
  return phases.includes('Failed') || phases.every((phase) => phase === 'Succeeded');
}

type Target = Pick<HelmReleaseSnapshot, 'name' | 'namespace' | 'version'>;

export function targets(snapshot: Target, other: Target): boolean {
  return snapshot.name === other.name && snapshot.namespace === other.namespace && snapshot.version === other.version;
}

type Action = NonNullable<HelmReleaseSnapshot['action']>;

/**
 * HELM-STAT-02, install and upgrade: of the revisions written, the highest becomes the new first entry; of the others the
 * highest that is known is refreshed, and loses its action.
 */
export function recordRelease(
  history: History,
  written: readonly HelmReleaseSnapshot[],
  action: Action,
): HelmReleaseSnapshot[] {
  const [first, ...others] = sortByVersion(written);
  if (!first) return [...history];
  const result = [{ ...first, action }, ...history.filter((snapshot) => !targets(snapshot, first))];
  for (const other of others) {
    const index = result.findIndex((snapshot) => targets(snapshot, other));
    const known = result[index];
    if (!known) continue;
    result[index] = keepingTests(other, known);
    return result;
  }
  return result;
}

/** HELM-STAT-02, rollback and uninstall: every known entry is refreshed and stamped; a new revision comes first. */
export function recordRemediation(
  history: History,
  written: readonly HelmReleaseSnapshot[],
  action: Action,
): HelmReleaseSnapshot[] {
  let result = [...history];
  for (const snapshot of written) {
    const index = result.findIndex((known) => targets(known, snapshot));
    const known = result[index];
    if (known) result[index] = { ...keepingTests(snapshot, known), action };
    else if (action === 'rollback') result = [{ ...snapshot, action }, ...result];
  }
  return result;
}

/** HELM-STAT-02, test and unlock: the entry of the revision is refreshed and keeps its action. */
export function recordRefresh(history: History, snapshot: HelmReleaseSnapshot): HelmReleaseSnapshot[] {
  return history.map((known) => {
    if (!targets(known, snapshot)) return known;
    const { action } = known;
    return { ...keepingTests(snapshot, known), ...(action ? { action } : {}) };
  });
}

function keepingTests(fresh: HelmReleaseSnapshot, known: HelmReleaseSnapshot): HelmReleaseSnapshot {
  const testHooks = fresh.testHooks ?? known.testHooks;
  const ociDigest = known.ociDigest ?? fresh.ociDigest;
  return { ...fresh, ...(testHooks ? { testHooks } : {}), ...(ociDigest ? { ociDigest } : {}) };
}
