import type { Fields } from './fields.ts';

/** Whether nothing of a pod runs any more, nor will. */
export function hasEnded({ status }: Fields): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
