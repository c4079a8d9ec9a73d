import { gvkOf, type KubeObject } from '@flux/apimachinery';
import { fluxJobStatus } from './core-kinds.ts';
import type { StatusResult } from './result.ts';

/** Judges some kinds in its own way; `undefined` leaves an object to the next reader. Throwing means Unknown. */
export type StatusReader = (object: KubeObject) => StatusResult | undefined;

/** Flux's rule for Jobs, in place of the stock one (KUS-HEALTH-27). */
export const jobStatusReader: StatusReader = (object) => {
  const { group, kind } = gvkOf(object);
  return group === 'batch' && kind === 'Job' ? fluxJobStatus(object) : undefined;
};
