import { formatAge } from '@flux/gotypes';

/** Age cell of a timestamp; `<unknown>` when it is not set. */
export function ageOf(timestamp: string | null | undefined, now: Date): string {
  if (!timestamp) return '<unknown>';
  return formatAge(now.getTime() - Date.parse(timestamp));
}
