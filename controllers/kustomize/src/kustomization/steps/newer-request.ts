import { requestedAtAnnotation } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { formatSubject, refOf } from '@flux/apimachinery';
import { Superseded, type Trigger } from '@flux/runtime';
import type { KustomizationRun } from '../deps.ts';
import { sourceRefOf } from './resolve-source.ts';

/** Tells that what a run works on is not the newest any more; dispose it after the wait that it may end. */
export interface NewerRequest extends Disposable {
  /** Aborted with a `Superseded` reason. */
  readonly signal: AbortSignal;
}

/**
 * Looks for a newer revision of the source, a newer spec, a newer request, or changed variables (KUS-HEALTH-09). Being
 * queued again is not enough: the watch often reports the very revision that the run has read already.
 */
export function newerRequest(run: KustomizationRun, revision: string): NewerRequest {
  const { object, watches, superseded } = run;
  const controller = new AbortController();
  const abort = (trigger: Trigger) => controller.abort(new Superseded(trigger));
  const subscriptions = [
    watches.observe(sourceRefOf(object), (source) => {
      if (source && isNewer(source, revision)) abort({ cause: 'watch', subject: formatSubject(source) });
    }),
    watches.observe(refOf(object), (current) => {
      const cause = current && changeOf(object, current);
      if (cause) abort({ cause, subject: formatSubject(object) });
    }),
  ];
  const onSuperseded = () => {
    const { reason } = superseded;
    if (reason instanceof Superseded && isConfig(reason.trigger)) abort(reason.trigger);
  };
  superseded.addEventListener('abort', onSuperseded);
  if (superseded.aborted) onSuperseded();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      superseded.removeEventListener('abort', onSuperseded);
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
    },
  };
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

function isConfig({ cause, subject }: Trigger): boolean {
  return cause === 'watch' && /^(ConfigMap|Secret)\//.test(subject);
}
