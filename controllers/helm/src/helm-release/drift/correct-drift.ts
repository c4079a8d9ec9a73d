import { refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import { formatRef, sortForApply } from '@flux/ssa';
import { driftManager, type ObjectDrift } from './find-drift.ts';

/** What a correction did, object by object. */
export interface Correction {
  /** `<Kind>/<ns>/<name> created|configured`. */
  lines: string[];
  errors: string[];
}

/** Creates what is missing in apply order, then patches what changed; goes on after a failure (HELM-DRIFT-05). */
export async function correctDrift(
  cluster: Cluster,
  drift: readonly ObjectDrift[],
  signal: AbortSignal,
): Promise<Correction> {
  const correction: Correction = { lines: [], errors: [] };
  const missing = sortForApply(drift.filter(({ type }) => type === 'removed').map(({ desired }) => desired));
  for (const desired of missing) {
    await attempt(correction, formatRef(refOf(desired)), 'creation', async () => {
      await cluster.create(desired, { fieldManager: driftManager, signal });
      return 'created';
    });
  }
  for (const change of drift) {
    if (change.type !== 'changed') continue;
    await attempt(correction, formatRef(refOf(change.desired)), 'patch', async () => {
      await cluster.patch(refOf(change.desired), 'json', change.patch, { fieldManager: driftManager, signal });
      return 'configured';
    });
  }
  return correction;
}

async function attempt(
  correction: Correction,
  subject: string,
  what: 'creation' | 'patch',
  work: () => Promise<string>,
): Promise<void> {
  try {
    correction.lines.push(`${subject} ${await work()}`);
  } catch (error) {
    correction.errors.push(`${subject} ${what} failure: ${messageOf(error)}`);
  }
}
