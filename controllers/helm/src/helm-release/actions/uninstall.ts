import type { HelmReleaseSnapshot } from '@flux/api';
import { FluxError, messageOf } from '@flux/errors';
import { type DeletionPropagation, ReleaseError, uninstallRelease } from '@flux/helm';
import { emit } from '../events.ts';
import { formatRelease, messages } from '../messages.ts';
import { timeoutMsOf } from '../policy.ts';
import type { Session } from '../session.ts';
import { countFailure } from '../status/failures.ts';
import { recordRemediation } from '../status/history.ts';
import { released, remediated } from '../status/summary.ts';
import type { ActionOutcome } from './outcome.ts';
import { waitStrategyOf } from './release-options.ts';

/** An uninstall that Helm took for done was not. */
class UninstallError extends FluxError {
  override readonly code = 'HELM_UNINSTALL';
}

const propagations: Readonly<Record<string, DeletionPropagation>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
};

/** Uninstalls what is recorded as the latest release; the error says why it is not gone (HELM-REL-05). */
async function perform(
  session: Session,
  current: HelmReleaseSnapshot,
  action: 'uninstall' | 'uninstall-remediation',
): Promise<unknown> {
  const { run } = session;
  const { object, deps } = run;
  const options = object.spec.uninstall ?? {};
  session.begin();
  let failure: unknown;
  try {
    await uninstallRelease(session.context(), {
      name: current.name,
      timeoutMs: timeoutMsOf(object, 'uninstall'),
      waitStrategy: waitStrategyOf(object, options.disableWait, deps.settings.usesHelm3Defaults),
      disableHooks: options.disableHooks ?? false,
      keepHistory: options.keepHistory ?? false,
      propagation: propagations[options.deletionPropagation ?? 'background'] ?? 'Background',
    });
  } catch (error) {
    failure = error;
  }
  const { written } = session;
  const snapshots = await Promise.all(written.map((release) => session.snapshot(release, current.ociDigest)));
  object.status = { ...object.status, history: recordRemediation(object.status?.history ?? [], snapshots, action) };
  if (run.signal.aborted) throw run.signal.reason;
  if (failure !== undefined) return failure;
  const [newest] = written;
  if (!newest) return new UninstallError('uninstall completed with error: release not updated in Helm storage');
  if (newest.version === current.version) return undefined;
  return new UninstallError(
    `release mismatch: uninstalled release ${formatRelease(newest)} != current release ${formatRelease(current)}`,
  );
}

/** Uninstalls for good: the object is deleted, or its release goes elsewhere. */
export async function uninstall(session: Session): Promise<ActionOutcome> {
  const { run, latest } = session;
  if (!latest) return {};
  const { object, conditions } = run;
  const error = await perform(session, latest, 'uninstall');
  const done = (message: string) => {
    conditions.set({ type: released, status: 'False', reason: 'UninstallSucceeded', message });
    delete object.status?.inventory;
    session.summarize();
    return {};
  };
  if (error instanceof ReleaseError && error.reason === 'not-found') return done(messages.notFound(latest));
  if (error instanceof ReleaseError && error.reason === 'already-deleted')
    return done(messages.alreadyUninstalled(latest));
  if (error !== undefined) {
    const message = messages.uninstallFailed(latest, messageOf(error));
    countFailure(object, undefined, false);
    conditions.set({ type: released, status: 'False', reason: 'UninstallFailed', message });
    emit(run, { type: 'Warning', reason: 'UninstallFailed', message: message + session.logText, about: latest });
    session.summarize();
    return { error };
  }
  const message = messages.succeeded('uninstall', latest);
  emit(run, { type: 'Normal', reason: 'UninstallSucceeded', message, about: latest });
  return done(message);
}

/** Uninstalls what a failed install or upgrade left; Ready keeps telling of that failure (HELM-REL-06). */
export async function remediateByUninstall(session: Session): Promise<ActionOutcome> {
  const { run, latest } = session;
  if (!latest) return {};
  const { object, conditions } = run;
  const error = await perform(session, latest, 'uninstall-remediation');
  if (error === undefined) {
    const message = messages.remediationUninstalled(latest);
    conditions.set({ type: remediated, status: 'True', reason: 'UninstallSucceeded', message });
    emit(run, { type: 'Normal', reason: 'UninstallSucceeded', message, about: latest });
    return {};
  }
  const message = messages.remediationFailed(latest, messageOf(error));
  countFailure(object, undefined, false);
  conditions.set({ type: remediated, status: 'False', reason: 'UninstallFailed', message });
  emit(run, { type: 'Warning', reason: 'UninstallFailed', message: message + session.logText, about: latest });
  return session.written.length > 0 ? {} : { error };
}
