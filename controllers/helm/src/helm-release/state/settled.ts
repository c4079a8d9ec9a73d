import { keyOf } from '@flux/runtime';
import type { Session } from '../session.ts';
import type { ObjectMark } from '../settled-releases.ts';

/** Whether watches say that the release is still as an earlier pass found it to be wanted. */
export function isSettled(session: Session): boolean {
  const { run } = session;
  const circumstances = circumstancesOf(session);
  return circumstances !== undefined && run.deps.settled.isUntouched(keyOf(run.object), circumstances, run.watches);
}

/** Remembers a release that is as wanted. Only who may see everything can rely on watches of everything. */
export async function settleRelease(session: Session, objects: readonly ObjectMark[]): Promise<void> {
  const { run, storage, name, target } = session;
  const { deps, object, cluster } = run;
  const circumstances = circumstancesOf(session);
  const stored = storage.lastStored(name);
  if (!circumstances || !stored || target.cluster !== cluster) return;
  if (!(await deps.facts.isUnrestricted(cluster))) return;
  deps.settled.remember(keyOf(object), { ...circumstances, stored, objects }, run.watches);
}

function circumstancesOf({ run, chart, attempt, latest, storage }: Session) {
  if (!latest) return undefined;
  const { name, version } = chart.metadata;
  return {
    generation: run.object.metadata.generation ?? 0,
    chart: `${name}@${version}`,
    configDigest: attempt.configDigest,
    snapshot: latest,
    storageNamespace: storage.namespace,
  };
}
