import { fn, type GoFunction, GoInt } from '@flux/gotemplate';
import { formatDurationNanoseconds, parseDurationNanoseconds } from '@flux/gotypes';
import { floorDivide, formatTime, GoTime, parseTime, zeroTime } from './go-time.ts';

const second = 1_000_000_000n;
const spans: readonly (readonly [bigint, string])[] = [
  [365n * 24n * 3600n, 'y'],
  [30n * 24n * 3600n, 'mo'],
  [24n * 3600n, 'd'],
  [3600n, 'h'],
  [60n, 'm'],
  [1n, 's'],
];

/** The nanoseconds since 1970. */
export type Now = () => bigint;

/** Dates and durations; `Local` is UTC. */
export function dateFunctions(now: Now): Record<string, GoFunction> {
  const inZone = (layout: string, date: unknown, zone: string) => formatTime(momentOf(date, now), zone, layout);
  const modify = fn(
    'string, time',
    (text: string, date: GoTime) => new GoTime(date.nanoseconds + durationOrZero(text), date.zone),
  );
  const mustModify = fn(
    'string, time',
    (text: string, date: GoTime) => new GoTime(date.nanoseconds + parseDurationNanoseconds(text), date.zone),
  );
  const zoned = fn('string, any, string', inZone);
  return {
    now: fn('', () => new GoTime(now())),
    date: fn('string, any', (layout: string, date: unknown) => inZone(layout, date, 'Local')),
    dateInZone: zoned,
    date_in_zone: zoned,
    htmlDate: fn('any', (date: unknown) => inZone('2006-01-02', date, 'Local')),
    htmlDateInZone: fn('any, string', (date: unknown, zone: string) => inZone('2006-01-02', date, zone)),
    dateModify: modify,
    date_modify: modify,
    mustDateModify: mustModify,
    must_date_modify: mustModify,
    toDate: fn('string, string', (layout: string, text: string) => {
      try {
        return parseTime(layout, text);
      } catch {
        return new GoTime(zeroTime);
      }
    }),
    mustToDate: fn('string, string', parseTime),
    unixEpoch: fn('time', (date: GoTime) => String(floorDivide(date.nanoseconds, second))),
    ago: fn('any', (date: unknown) => {
      const passed = now() - momentOf(date, now);
      return formatDurationNanoseconds(((passed + second / 2n) / second) * second);
    }),
    duration: fn('any', (value: unknown) => formatDurationNanoseconds(secondsOf(value) * second)),
    durationRound: fn('any', (value: unknown) => roundDuration(value, now)),
  };
}

function durationOrZero(text: string): bigint {
  try {
    return parseDurationNanoseconds(text);
  } catch {
    return 0n;
  }
}

/** What is no time and no integer is now. */
function momentOf(value: unknown, now: Now): bigint {
  if (value instanceof GoTime) return value.nanoseconds;
  if (value instanceof GoInt && ['int', 'int64'].includes(value.typeName)) return value.value * second;
  return now();
}

function secondsOf(value: unknown): bigint {
  if (typeof value === 'string') return /^[+-]?\d{1,18}$/.test(value) ? BigInt(value.replace(/^\+/, '')) : 0n;
  return value instanceof GoInt && value.typeName === 'int64' ? value.value : 0n;
}

function roundDuration(value: unknown, now: Now): string {
  let duration = 0n;
  if (typeof value === 'string') duration = durationOrZero(value);
  else if (value instanceof GoInt && value.typeName === 'int64') duration = value.value;
  else if (value instanceof GoTime) duration = now() - value.nanoseconds;
  const size = duration < 0n ? -duration : duration;
  const span = spans.find(([seconds]) => size > seconds * second);
  return span === undefined ? '0s' : `${size / (span[0] * second)}${span[1]}`;
}
