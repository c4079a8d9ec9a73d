import { correctDrift } from '../drift/correct-drift.ts';
import { formatDrift, type ObjectDrift } from '../drift/find-drift.ts';
import { emit } from '../events.ts';
import { formatRelease } from '../messages.ts';
import { timeoutMsOf } from '../policy.ts';
import type { Session } from '../session.ts';
import { drifted, ready } from '../status/summary.ts';
import type { ActionOutcome } from './outcome.ts';

/** HELM-DRIFT-04: an event and a condition without more ado. */
export function reportDrift(session: Session, drift: readonly ObjectDrift[]): void {
  const { run, latest } = session;
  if (!latest) return;
  const lines = drift.map(formatDrift).join('\n');
  const message = `Cluster state of release ${formatRelease(latest)} has drifted from the desired state:\n${lines}`;
  run.conditions.set({ type: drifted, status: 'True', reason: 'DriftDetected', message });
  emit(run, { type: 'Warning', reason: 'DriftDetected', message });
}

/** Makes the cluster what the release says, without a new revision (HELM-DRIFT-05). */
export async function correctClusterDrift(session: Session, drift: readonly ObjectDrift[]): Promise<ActionOutcome> {
  const { run, latest, target } = session;
  if (!latest) return {};
  const progress = { status: 'Unknown', reason: 'Progressing', message: 'correcting cluster drift' } as const;
  run.conditions.set({ type: ready, ...progress });
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(timeoutMsOf(run.object))]);
  const { lines, errors } = await correctDrift(target.cluster, drift, signal);
  if (run.signal.aborted) throw run.signal.reason;
  const release = formatRelease(latest);
  if (errors.length > 0) {
    const successes = lines.length > 0 ? `\n\nSuccessful corrections:\n${lines.join('\n')}` : '';
    const partially = lines.length > 0 ? 'partially ' : '';
    const message = `Failed to ${partially}correct cluster state of release ${release}:\n${errors.join('\n')}${successes}`;
    emit(run, { type: 'Warning', reason: 'DriftCorrectionFailed', message, about: latest });
  } else if (lines.length > 0) {
    const message = `Cluster state of release ${release} has been corrected:\n${lines.join('\n')}`;
    emit(run, { type: 'Normal', reason: 'DriftCorrected', message, about: latest });
  }
  return {};
}
