import { GoTypeError } from './gotypes-error.ts';

const nanosecondsPerUnit = new Map<string, bigint>([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n], // U+00B5 micro sign
  ['μs', 1_000n], // U+03BC Greek mu
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
const maxDuration = 2n ** 63n - 1n;
const part = /^([0-9]*)(\.([0-9]*))?/;
const unitText = /^[^.0-9]*/;

/** Milliseconds, possibly with a fraction, of a Go duration such as `1h30m` or `1.5s`; fails as `time.ParseDuration` does. */
export function parseDuration(text: string): number {
  return Number(parseDurationNanoseconds(text)) / 1e6;
}

/** The exact nanoseconds of a Go duration. */
export function parseDurationNanoseconds(text: string): bigint {
  let rest = text;
  const isNegative = rest.startsWith('-');
  if (isNegative || rest.startsWith('+')) rest = rest.slice(1);
  if (rest === '0') return 0n;
  if (rest === '') throw invalid(text);
  let total = 0n;
  while (rest !== '') {
    const [length, nanoseconds] = parsePart(rest, text);
    total += nanoseconds;
    // Go's smallest duration is one nanosecond further from zero than its largest.
    if (total > maxDuration + (isNegative ? 1n : 0n)) throw invalid(text);
    rest = rest.slice(length);
  }
  return isNegative ? -total : total;
}

function parsePart(rest: string, text: string): [length: number, nanoseconds: bigint] {
  const number = part.exec(rest);
  const whole = number?.[1] ?? '';
  const fraction = number?.[3] ?? '';
  if (whole === '' && fraction === '') throw invalid(text);
  const numberLength = number?.[0].length ?? 0;
  const unit = unitText.exec(rest.slice(numberLength))?.[0] ?? '';
  if (unit === '') throw new GoTypeError(`time: missing unit in duration ${JSON.stringify(text)}`);
  const scale = nanosecondsPerUnit.get(unit);
  if (scale === undefined) {
    throw new GoTypeError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
  }
  if (whole.length > 20) throw invalid(text);
  const digits = fraction.slice(0, 18); // what lies beyond is below a nanosecond, even of hours
  const partial = digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length);
  return [numberLength + unit.length, BigInt(whole === '' ? 0 : whole) * scale + partial];
}

function invalid(text: string): GoTypeError {
  return new GoTypeError(`time: invalid duration ${JSON.stringify(text)}`);
}

/** A Go `Duration.String`: `1h0m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  return formatDurationNanoseconds(BigInt(Math.round(ms * 1e6)));
}

/** As `formatDuration`, of exact nanoseconds. */
export function formatDurationNanoseconds(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const total = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (total < 1_000_000_000n) return sign + formatBelowSecond(total);
  const seconds = total / 1_000_000_000n;
  const fraction = (total % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  const tail = `${seconds % 60n}${fraction === '' ? '' : `.${fraction}`}s`;
  const minutes = seconds / 60n;
  if (minutes === 0n) return sign + tail;
  const hours = minutes / 60n;
  return `${sign}${hours === 0n ? '' : `${hours}h`}${minutes % 60n}m${tail}`;
}

function formatBelowSecond(total: bigint): string {
  if (total < 1_000n) return `${total}ns`;
  const [unit, digits] = total < 1_000_000n ? ['µs', 3] : ['ms', 6];
  const scale = 10n ** BigInt(digits);
  const fraction = (total % scale).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${total / scale}${fraction === '' ? '' : `.${fraction}`}${unit}`;
}
