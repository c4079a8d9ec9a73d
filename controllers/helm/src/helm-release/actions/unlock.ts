import { messageOf } from '@flux/errors';
import { unlockRelease } from '@flux/helm';
import { emit } from '../events.ts';
import { messages } from '../messages.ts';
import type { Session } from '../session.ts';
import { recordRefresh } from '../status/history.ts';
import { released } from '../status/summary.ts';
import type { ActionOutcome } from './outcome.ts';

/** A revision that a killed process left pending becomes a failed one, so that the next action can go on (HELM-ACT). */
export async function unlock(session: Session): Promise<ActionOutcome> {
  const { run, storage } = session;
  const { object, conditions } = run;
  const locked = await storage.last(session.name);
  if (!locked) return {};
  const { status } = locked.info;
  let error: unknown;
  try {
    await unlockRelease(session.context(), { name: session.name, uninstalling: true });
  } catch (failure) {
    error = failure;
  }
  const snapshot = await session.snapshot(session.written[0] ?? locked);
  object.status = { ...object.status, history: recordRefresh(object.status?.history ?? [], snapshot) };
  const message =
    error === undefined
      ? messages.unlocked(snapshot, status)
      : messages.unlockFailed(snapshot, status, messageOf(error));
  conditions.set({ type: released, status: 'False', reason: 'PendingRelease', message });
  emit(run, { type: error === undefined ? 'Normal' : 'Warning', reason: 'PendingRelease', message, about: snapshot });
  session.summarize();
  return error === undefined ? {} : { error };
}
