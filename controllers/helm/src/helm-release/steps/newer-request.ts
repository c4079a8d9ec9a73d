import { requestedAtAnnotation } from '@flux/api';
import { formatSubject, type KubeObject, refOf } from '@flux/apimachinery';
import { Superseded, type Trigger } from '@flux/runtime';
import type { HelmRun } from '../deps.ts';
import { sourceRefOf } from './resolve-source.ts';

/** Tells that what a pass works on is not the newest any more; dispose it after the waits that it may end. */
interface NewerRequest extends Disposable {
  /** Aborted with a `Superseded` reason. */
  readonly signal: AbortSignal;
}

/**
 * Looks for a newer chart, spec, request or values (HELM-ACT-10). Being queued again is not enough: a watch may report the
 * very revision that the pass has read already. Only then are chart and object themselves followed.
 */
export function newerRequest(run: HelmRun, revision: string): NewerRequest {
  const { superseded } = run;
  const controller = new AbortController();
  const subscriptions: Disposable[] = [];
  const onSuperseded = () => {
    const { reason } = superseded;
    if (reason instanceof Superseded && isNews(reason.trigger)) controller.abort(reason);
    else subscriptions.push(...follow(run, revision, (trigger) => controller.abort(new Superseded(trigger))));
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

/** A change of the object itself, or of values, is something that the pass cannot have seen. */
function isNews({ cause, subject }: Trigger): boolean {
  if (cause === 'generation' || cause === 'requestedAt') return true;
  return cause === 'watch' && /^(ConfigMap|Secret)\//.test(subject);
}

function follow(run: HelmRun, revision: string, abort: (trigger: Trigger) => void): Disposable[] {
  const { object, watches } = run;
  const source = sourceRefOf(object);
  return [
    ...(source
      ? [
          watches.observe(source, (found) => {
            if (found && isNewer(found, revision)) abort({ cause: 'watch', subject: formatSubject(found) });
          }),
        ]
      : []),
    watches.observe(refOf(object), (current) => {
      const cause = current && changeOf(object, current);
      if (cause) abort({ cause, subject: formatSubject(object) });
    }),
  ];
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
