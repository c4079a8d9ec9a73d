import { base64Problem, formatTime } from '@flux/gotypes';
import { GoDecodeError } from './decode-error.ts';

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** A quantity as an integer count of 10^-9, with the notation that its text used. */
interface Quantity {
  nano: bigint;
  notation: 'decimal' | 'binary' | 'exponent';
}

/** The text that `resource.Quantity` writes after reading `text`; resources are counted in thousandths, rounded up. */
export function canonicalQuantity(text: string): string {
  const quantity = parseQuantity(text.trim());
  if (!quantity) throw new GoDecodeError(quantityRule);
  return formatQuantity({ ...quantity, nano: roundUp(quantity.nano, 1_000_000n) });
}

/** How much a text says in billionths; an absent or malformed one says nothing. */
export function nanoOf(text: string | undefined): bigint {
  return (text === undefined ? undefined : parseQuantity(text))?.nano ?? 0n;
}

function parseQuantity(text: string): Quantity | undefined {
  const match = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?([a-zA-Z]{0,2})(?:([+-]?\d{1,3}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', suffix = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  const scaled = scaleOf(suffix, exponent);
  if (!scaled) return undefined;
  const base = digits * scaled.factor * 10n ** BigInt(Math.max(0, 9 + scaled.exponent));
  const divisor = 10n ** BigInt(fraction.length + Math.max(0, -9 - scaled.exponent));
  const nano = roundUp(base, divisor) / divisor;
  return { nano: sign === '-' ? -nano : nano, notation: scaled.notation };
}

function scaleOf(suffix: string, exponent: string | undefined) {
  if (exponent !== undefined) {
    if (suffix !== 'e' && suffix !== 'E') return undefined;
    return { factor: 1n, exponent: Number(exponent), notation: 'exponent' as const };
  }
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal >= 0) return { factor: 1n, exponent: (decimal - 3) * 3, notation: 'decimal' as const };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary > 0) return { factor: 1024n ** BigInt(binary), exponent: 0, notation: 'binary' as const };
  return undefined;
}

function roundUp(value: bigint, unit: bigint): bigint {
  const rest = value % unit;
  if (rest === 0n) return value;
  return value < 0n ? value - rest - unit : value - rest + unit;
}

function formatQuantity({ nano, notation }: Quantity): string {
  if (nano === 0n) return '0';
  const unit = 1_000_000_000n;
  const magnitude = nano < 0n ? -nano : nano;
  if (notation === 'binary' && magnitude >= 1024n * unit) {
    let number = roundUp(nano, unit) / unit;
    let index = 0;
    while (number % 1024n === 0n && index < binarySuffixes.length - 1) {
      number /= 1024n;
      index++;
    }
    return `${number}${binarySuffixes[index]}`;
  }
  let number = nano;
  let power = -9;
  while (number % 1000n === 0n && power < 18) {
    number /= 1000n;
    power += 3;
  }
  if (notation === 'exponent') return power === 0 ? String(number) : `${number}e${power}`;
  return `${number}${decimalSuffixes[power / 3 + 3]}`;
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d{1,18})?(Z|[+-]\d\d:\d\d)$/;

export function canonicalTime(text: string): string {
  const match = rfc3339.exec(text);
  const time = match ? Date.parse(`${match[1]}T${match[2]}${match[4]}`) : Number.NaN;
  if (Number.isNaN(time)) throw new GoDecodeError(timeProblem(text, '2006-01-02T15:04:05Z07:00'));
  return formatTime(new Date(time));
}

export function canonicalMicroTime(text: string): string {
  const match = rfc3339.exec(text);
  if (!match) throw new GoDecodeError(timeProblem(text, '2006-01-02T15:04:05.000000Z07:00'));
  const fraction = (match[3] ?? '.').slice(1).padEnd(6, '0').slice(0, 6);
  return canonicalTime(text).replace('Z', `.${fraction}Z`);
}

/** The parts of a layout, each with what a text may have in its place. */
const timeParts: readonly [string, RegExp][] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d(?:\.\d+)?/],
  ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/],
];

/** What Go's time.Parse says: the first part of the layout that the text does not have. */
function timeProblem(text: string, layout: string): string {
  const begin = `parsing time ${JSON.stringify(text)}`;
  let rest = text;
  for (const [part, pattern] of timeParts) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) {
      return `${begin} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(part)}`;
    }
    rest = rest.slice(found.length);
  }
  if (rest !== '') return `${begin}: extra text: ${JSON.stringify(rest)}`;
  const [, month, day, hour, minute] = text.split(/[-T:]/).map(Number) as [number, number, number, number, number];
  if (month < 1 || month > 12) return `${begin}: month out of range`;
  if (hour > 23) return `${begin}: hour out of range`;
  if (minute > 59) return `${begin}: minute out of range`;
  return `${begin}: ${day > 28 ? 'day' : 'second'} out of range`;
}

export function canonicalDuration(text: string): string {
  if (!/^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^0$/.test(text)) {
    throw new GoDecodeError(`time: invalid duration ${JSON.stringify(text)}`);
  }
  return text;
}

export function decodeBase64(text: string): string {
  const problem = base64Problem(text);
  if (problem !== undefined) throw new GoDecodeError(problem);
  return text.replace(/[\r\n]/g, '');
}
