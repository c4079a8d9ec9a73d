import { gvkOf, type KubeObject } from '@flux/apimachinery';
import { computeStatus } from './compute.ts';
import { fluxJobStatus } from './core-kinds.ts';
import type { StatusResult } from './result.ts';

/** Judges some kinds in its own way; `undefined` leaves an object to the next reader. Throwing means Unknown. */
export type StatusReader = (object: KubeObject) => StatusResult | undefined;

/** Flux's rule for Jobs, in place of the stock one (KUS-HEALTH-27). */
export const jobStatusReader: StatusReader = (object) => {
  const { group, kind } = gvkOf(object);
  return group === 'batch' && kind === 'Job' ? fluxJobStatus(object) : undefined;
};

/** The status of an object by the readers, else by the stock rules; undefined when a reader fails. */
export function judge(object: KubeObject, readers: readonly StatusReader[]): StatusResult | undefined {
  try {
    for (const reader of readers) {
      const result = reader(object);
      if (result) return result;
    }
    return computeStatus(object);
  } catch {
    return undefined;
  }
}
