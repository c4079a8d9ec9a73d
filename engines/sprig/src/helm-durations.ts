import { fn, type GoFunction, GoInt, parseFloatText, printValue, quote, typeNameOf } from '@flux/gotemplate';
import { parseDurationNanoseconds } from '@flux/gotypes';
import { durationValue } from './go-time.ts';

const second = 1_000_000_000n;
const maxDuration = 2n ** 63n - 1n;
const hours = (nanoseconds: bigint) => Number(nanoseconds) / 3.6e12;

/** Helm's functions on durations: text, or numbers of seconds; what cannot be read counts as 0. */
export const durationFunctions: Readonly<Record<string, GoFunction>> = {
  mustToDuration: fn('any', (value: unknown) => durationValue(readDuration(value))),
  durationSeconds: fn('any', (value: unknown) => Number(orZero(value)) / 1e9),
  durationMilliseconds: fn('any', (value: unknown) => new GoInt(orZero(value) / 1_000_000n, 'int64')),
  durationMicroseconds: fn('any', (value: unknown) => new GoInt(orZero(value) / 1000n, 'int64')),
  durationNanoseconds: fn('any', (value: unknown) => new GoInt(orZero(value), 'int64')),
  durationMinutes: fn('any', (value: unknown) => Number(orZero(value)) / 6e10),
  durationHours: fn('any', (value: unknown) => hours(orZero(value))),
  durationDays: fn('any', (value: unknown) => hours(orZero(value)) / 24),
  durationWeeks: fn('any', (value: unknown) => hours(orZero(value)) / 24 / 7),
  durationRoundTo: fn('any, any', (value: unknown, unit: unknown) => toUnit(value, unit, roundHalfAway)),
  durationTruncateTo: fn('any, any', (value: unknown, unit: unknown) =>
    toUnit(value, unit, (duration, size) => duration - (duration % size)),
  ),
};

function orZero(value: unknown): bigint {
  try {
    return readDuration(value);
  } catch {
    return 0n;
  }
}

function toUnit(value: unknown, unit: unknown, change: (duration: bigint, size: bigint) => bigint): GoInt {
  const duration = orZero(value);
  try {
    const size = readDuration(unit);
    return durationValue(size <= 0n ? duration : change(duration, size));
  } catch {
    return durationValue(duration);
  }
}

function roundHalfAway(duration: bigint, size: bigint): bigint {
  const rest = duration % size;
  const absolute = rest < 0n ? -rest : rest;
  const down = duration - rest;
  if (absolute * 2n < size) return down;
  return duration < 0n ? down - size : down + size;
}

function readDuration(value: unknown): bigint {
  if (value === undefined || value === null) throw new TypeError('invalid duration');
  if (typeof value === 'number') return fromFloat(value);
  if (value instanceof GoInt) return fromInteger(value);
  if (typeof value !== 'string') throw new TypeError(`unsupported duration type ${typeNameOf(value)}`);
  const text = value.trim();
  if (text === '') throw new TypeError('empty duration');
  try {
    return parseDurationNanoseconds(text);
  } catch {
    const float = parseFloatText(text);
    if (float === undefined) throw new TypeError(`could not parse duration ${quote(value)}`);
    return fromFloat(float);
  }
}

function fromInteger(value: GoInt): bigint {
  if (value.typeName === 'time.Duration') return value.value;
  const nanoseconds = value.value * second;
  if (nanoseconds > maxDuration || nanoseconds < -maxDuration)
    throw new RangeError(`duration seconds overflow: ${value.value}`);
  return nanoseconds;
}

function fromFloat(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new RangeError(`invalid duration seconds: ${printValue(seconds)}`);
  if (Math.abs(seconds) > Number(maxDuration) / 1e9)
    throw new RangeError(`duration seconds overflow: ${printValue(seconds)}`);
  return BigInt(Math.trunc(seconds * 1e9));
}
