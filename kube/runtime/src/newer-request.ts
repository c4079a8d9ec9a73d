import { requestedAtAnnotation } from '@flux/api';
import { formatSubject, type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';
import { type Run, Superseded, type Trigger } from './run.ts';

type FollowedRun = Pick<Run<KubeObject>, 'object' | 'watches' | 'superseded'>;

/** Without a reference only the object itself is followed. */
interface SourceInUse {
  ref: ObjectRef | undefined;
  revision: string;
}

/** Tells that what a run works on is not the newest any more; dispose it after the wait that it may end. */
interface NewerRequest extends Disposable {
  /** Aborted with a `Superseded` reason. */
  readonly signal: AbortSignal;
}

/**
 * Looks for a newer revision of the source, a newer spec, a newer request, or changed variables or values (KUS-HEALTH-09,
 * HELM-ACT-10). Being queued again is not enough: a watch may report the very revision that the run has read already. Only
 * then are the source and the object themselves followed.
 */
export function newerRequest(run: FollowedRun, source: SourceInUse): NewerRequest {
  const { superseded } = run;
  const controller = new AbortController();
  const subscriptions: Disposable[] = [];
  const onSuperseded = () => {
    const { reason } = superseded;
    if (reason instanceof Superseded && isNews(reason.trigger)) controller.abort(reason);
    else subscriptions.push(...follow(run, source, (trigger) => controller.abort(new Superseded(trigger))));
  };
  if (superseded.aborted) onSuperseded();
  else superseded.addEventListener('abort', onSuperseded);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      superseded.removeEventListener('abort', onSuperseded);
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
    },
  };
}

/** A change of the object itself, of variables or of values, is something that the run cannot have seen. */
function isNews({ cause, subject }: Trigger): boolean {
  if (cause === 'generation' || cause === 'requestedAt') return true;
  return cause === 'watch' && /^(ConfigMap|Secret)\//.test(subject);
}

function follow(
  { object, watches }: FollowedRun,
  { ref, revision }: SourceInUse,
  abort: (trigger: Trigger) => void,
): Disposable[] {
  const ownChanges = watches.observe(refOf(object), (current) => {
    const cause = current && changeOf(object, current);
    if (cause) abort({ cause, subject: formatSubject(object) });
  });
  if (!ref) return [ownChanges];
  const revisions = watches.observe(ref, (source) => {
    if (source && isNewer(source, revision)) abort({ cause: 'watch', subject: formatSubject(source) });
  });
  return [ownChanges, revisions];
}

function isNewer(source: KubeObject, revision: string): boolean {
  const current: unknown = source['status']?.artifact?.revision;
  return typeof current === 'string' && current !== revision;
}

function changeOf(before: KubeObject, after: KubeObject): 'generation' | 'requestedAt' | undefined {
  if (after.metadata.uid !== before.metadata.uid) return undefined;
  if ((after.metadata.generation ?? 0) > (before.metadata.generation ?? 0)) return 'generation';
  const requestedAt = (object: KubeObject) => object.metadata.annotations?.[requestedAtAnnotation];
  return requestedAt(after) !== requestedAt(before) ? 'requestedAt' : undefined;
}
