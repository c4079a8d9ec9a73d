import type { KubeObject } from '@flux/apimachinery';
import { formatAge } from '@flux/gotypes';

/** One line of the table. */
export function eventRow(event: KubeObject, now: Date, withNamespace: boolean): string[] {
  const { kind = '', name = '' } = event['involvedObject'] ?? {};
  return [
    ...(withNamespace ? [event.metadata.namespace ?? ''] : []),
    lastSeen(event, now),
    event['type'] ?? '',
    event['reason'] ?? '',
    `${kind}/${name}`,
    String(event['message'] ?? ''),
  ];
}

/** When an event was last seen: series, last or first time, whichever there is. */
export function eventTime(event: KubeObject): number {
  const time: unknown = event['series']?.lastObservedTime ?? event['lastTimestamp'] ?? event['eventTime'];
  return typeof time === 'string' ? Date.parse(time) : 0;
}

/** kubectl's LAST SEEN: the age of a single event, `<last> (xN over <age>)` of a repeated one. */
function lastSeen(event: KubeObject, now: Date): string {
  const first = ageOf(event['firstTimestamp'] ?? event['eventTime'], now);
  const { series, count = 1 } = event;
  if (series) return `${ageOf(series.lastObservedTime, now)} (x${series.count} over ${first})`;
  if (count > 1) return `${ageOf(event['lastTimestamp'], now)} (x${count} over ${first})`;
  return first;
}

function ageOf(time: unknown, now: Date): string {
  if (typeof time !== 'string') return '<unknown>';
  return formatAge(now.getTime() - Date.parse(time));
}
