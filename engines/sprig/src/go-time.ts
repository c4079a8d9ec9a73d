import { fn, GoInt, GoStruct, quote } from '@flux/gotemplate';
import { formatDurationNanoseconds } from '@flux/gotypes';
import { type Clock, dayNames, type Found, formatLayout, formatOffset, monthNames, scanLayout } from './time-layout.ts';
import { zoneOffset } from './time-zone.ts';

const billion = 1_000_000_000n;
const printLayout = '2006-01-02 15:04:05.999999999 -0700 MST';

/** A `time.Time`: nanoseconds since 1970 and the zone in which it is shown. */
export class GoTime extends GoStruct {
  readonly nanoseconds: bigint;
  readonly zone: string;

  constructor(nanoseconds: bigint, zone = 'UTC') {
    const format = (layout: string) => formatTime(nanoseconds, zone, layout);
    const part = (pick: (clock: Clock) => number) => fn('', () => new GoInt(pick(clockOf(nanoseconds, zone))));
    const seconds = floorDivide(nanoseconds, billion);
    super('time.Time', {
      text: () => format(printLayout),
      json: () => format('2006-01-02T15:04:05.999999999Z07:00'),
      methods: {
        Year: part(({ year }) => year),
        Month: fn('', () => named('time.Month', clockOf(nanoseconds, zone).month, monthNames, 1)),
        Day: part(({ day }) => day),
        Hour: part(({ hour }) => hour),
        Minute: part(({ minute }) => minute),
        Second: part(({ second }) => second),
        Nanosecond: part(({ nanosecond }) => nanosecond),
        YearDay: part(({ yearDay }) => yearDay),
        Weekday: fn('', () => named('time.Weekday', clockOf(nanoseconds, zone).weekday, dayNames, 0)),
        Unix: fn('', () => new GoInt(seconds, 'int64')),
        UnixMilli: fn('', () => new GoInt(floorDivide(nanoseconds, 1_000_000n), 'int64')),
        UnixMicro: fn('', () => new GoInt(floorDivide(nanoseconds, 1000n), 'int64')),
        UnixNano: fn('', () => new GoInt(nanoseconds, 'int64')),
        Format: fn('string', format),
        String: fn('', () => format(printLayout)),
        UTC: fn('', () => new GoTime(nanoseconds)),
        Local: fn('', () => new GoTime(nanoseconds)),
        Compare: fn('time', (other: GoTime) => new GoInt(Math.sign(Number(nanoseconds - other.nanoseconds)))),
        IsZero: fn('', () => nanoseconds === zeroTime),
        AddDate: fn('int, int, int', (years: GoInt, months: GoInt, days: GoInt) =>
          addDate(nanoseconds, zone, years, months, days),
        ),
        Before: fn('time', (other: GoTime) => nanoseconds < other.nanoseconds),
        After: fn('time', (other: GoTime) => nanoseconds > other.nanoseconds),
        Equal: fn('time', (other: GoTime) => nanoseconds === other.nanoseconds),
        Sub: fn('time', (other: GoTime) => durationValue(nanoseconds - other.nanoseconds)),
      },
    });
    this.nanoseconds = nanoseconds;
    this.zone = zone;
  }
}

/** Year 1, which Go's zero time is. */
export const zeroTime = -62135596800n * billion;

function named(typeName: string, value: number, names: readonly string[], first: number): GoInt {
  return new GoInt(value, 'int', typeName, { text: () => names[value - first] ?? String(value) });
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** A `time.Duration`, which prints as `1h0m0s`. */
export function durationValue(nanoseconds: bigint): GoInt {
  const text = () => formatDurationNanoseconds(nanoseconds);
  const count = (unit: bigint) => fn('', () => new GoInt(nanoseconds / unit, 'int64'));
  const float = (unit: number) => fn('', () => Number(nanoseconds) / unit);
  const methods = {
    Hours: float(3.6e12),
    Minutes: float(6e10),
    Seconds: float(1e9),
    Milliseconds: count(1_000_000n),
    Microseconds: count(1000n),
    Nanoseconds: count(1n),
    String: fn('', text),
    Abs: fn('', () => durationValue(nanoseconds < 0n ? -nanoseconds : nanoseconds)),
  };
  return new GoInt(nanoseconds, 'int64', 'time.Duration', { text, methods });
}

function clockOf(nanoseconds: bigint, zone: string): Clock {
  const unix = Number(floorDivide(nanoseconds, billion));
  const { seconds, abbreviation } = zoneOffset(zone, unix);
  const date = new Date((unix + seconds) * 1000);
  const start = new Date(0);
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1,
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(((nanoseconds % billion) + billion) % billion),
    offset: seconds,
    abbreviation,
  };
}

export function formatTime(nanoseconds: bigint, zone: string, layout: string): string {
  return formatLayout(layout, clockOf(nanoseconds, zone));
}

function addDate(nanoseconds: bigint, zone: string, years: GoInt, months: GoInt, days: GoInt): GoTime {
  const clock = clockOf(nanoseconds, zone);
  const date = utcMilliseconds(
    clock.year + Number(years.value),
    clock.month - 1 + Number(months.value),
    clock.day + Number(days.value),
  );
  const before = utcMilliseconds(clock.year, clock.month - 1, clock.day);
  return new GoTime(nanoseconds + BigInt(date - before) * 1_000_000n, zone);
}

function utcMilliseconds(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

/** Go's time.Parse; throws with Go's message. */
export function parseTime(layout: string, text: string): GoTime {
  const start = `parsing time ${quote(text)}`;
  const found = scanLayout(layout, text, (part, rest, note) => {
    if (note !== undefined) throw new TypeError(`${start}: ${note}${quote(rest)}`);
    throw new TypeError(`${start} as ${quote(layout)}: cannot parse ${quote(rest)} as ${quote(part)}`);
  });
  const outOfRange = (what: string): never => {
    throw new RangeError(`${start}: ${what} out of range`);
  };
  return assemble(found, outOfRange);
}

function assemble(found: Found, outOfRange: (what: string) => never): GoTime {
  const number = (...names: string[]) => {
    const name = names.find((candidate) => found.has(candidate));
    return name === undefined ? undefined : Number(found.get(name));
  };
  const twoDigits = number('06');
  const year = number('2006') ?? (twoDigits === undefined ? 0 : twoDigits + (twoDigits >= 69 ? 1900 : 2000));
  const monthText = (found.get('January') ?? found.get('Jan'))?.slice(0, 3).toLowerCase();
  const month =
    monthText === undefined
      ? (number('01', '1') ?? 1)
      : monthNames.findIndex((name) => name.toLowerCase().startsWith(monthText)) + 1;
  if (month < 1 || month > 12) outOfRange('month');
  const day = number('02', '_2', '2') ?? 1;
  if (day < 1 || new Date(utcMilliseconds(year, month - 1, day)).getUTCDate() !== day) outOfRange('day');
  let hour = number('15', '03', '3') ?? 0;
  const half = (found.get('PM') ?? found.get('pm'))?.toUpperCase();
  if (half === 'PM' && hour < 12) hour += 12;
  if (half === 'AM' && hour === 12) hour = 0;
  if (hour > 23) outOfRange('hour');
  const [minute, second] = [number('04', '4') ?? 0, number('05', '5') ?? 0];
  if (minute > 59) outOfRange('minute');
  if (second > 59) outOfRange('second');
  const offset = parsedOffset(found);
  const unix = utcMilliseconds(year, month - 1, day) / 1000 + hour * 3600 + minute * 60 + second - offset;
  const zone = offset === 0 ? 'UTC' : formatOffset(offset, '-07:00');
  return new GoTime(BigInt(unix) * billion + fractionOf(found), zone);
}

function fractionOf(found: Found): bigint {
  const key = [...found.keys()].find((name) => /^[.,]/.test(name));
  const digits = key === undefined ? '' : (found.get(key) ?? '').slice(1, 10);
  return BigInt(digits.padEnd(9, '0'));
}

function parsedOffset(found: Found): number {
  const key = [...found.keys()].find((name) => /^(?:-|Z)07/.test(name));
  const text = key === undefined ? 'Z' : (found.get(key) ?? 'Z');
  if (text === 'Z') return 0;
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).replaceAll(':', '').match(/\d\d/g)?.map(Number) ?? [];
  const size = hours * 3600 + minutes * 60 + seconds;
  return text.startsWith('-') ? -size : size;
}
