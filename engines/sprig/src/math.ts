import { fn, type GoFunction, GoInt, sprint, withGoType } from '@flux/gotemplate';
import { toBigInt, toFloat, toNumber } from './cast.ts';

/** `until` of more numbers is refused. */
const maxCount = 1_000_000;
const int64 = (value: bigint) => new GoInt(value, 'int64');

/** Arithmetic: integers wrap at 64 bits, the functions on floats calculate in decimal. */
export const mathFunctions: Readonly<Record<string, GoFunction>> = {
  atoi: fn(
    'string',
    (text: string) => new GoInt(/^[+-]?\d+$/.test(text) ? clampInt(BigInt(text.replace(/^\+/, ''))) : 0),
  ),
  int64: fn('any', (value: unknown) => int64(toBigInt(value))),
  int: fn('any', (value: unknown) => new GoInt(toBigInt(value))),
  float64: fn('any', toFloat),
  seq: fn('...int', (...values: GoInt[]) => sequence(values.map(toNumber))),
  toDecimal: fn('any', (value: unknown) => int64(fromOctal(sprint([value])))),
  until: fn('int', (count: GoInt) => intList(range(0, toNumber(count), count.value < 0n ? -1 : 1))),
  untilStep: fn('int, int, int', (start: GoInt, stop: GoInt, step: GoInt) => {
    return intList(range(toNumber(start), toNumber(stop), toNumber(step)));
  }),
  add1: fn('any', (value: unknown) => int64(toBigInt(value) + 1n)),
  add: fn('...any', (...values: unknown[]) => int64(values.reduce((sum: bigint, value) => sum + toBigInt(value), 0n))),
  sub: fn('any, any', (left: unknown, right: unknown) => int64(toBigInt(left) - toBigInt(right))),
  div: fn('any, any', (left: unknown, right: unknown) => int64(toBigInt(left) / divisor(right))),
  mod: fn('any, any', (left: unknown, right: unknown) => int64(toBigInt(left) % divisor(right))),
  mul: fn('any, ...any', (first: unknown, ...values: unknown[]) => {
    return int64(
      values.reduce((product: bigint, value) => BigInt.asIntN(64, product * toBigInt(value)), toBigInt(first)),
    );
  }),
  add1f: fn('any', (value: unknown) => calculate(value, [1], add)),
  addf: fn('...any', (...values: unknown[]) => calculate(0, values, add)),
  subf: fn('any, ...any', (first: unknown, ...values: unknown[]) => {
    return calculate(first, values, (left, right) => add(left, { ...right, digits: -right.digits }));
  }),
  divf: fn('any, ...any', (first: unknown, ...values: unknown[]) => calculate(first, values, divide)),
  mulf: fn('any, ...any', (first: unknown, ...values: unknown[]) => {
    return calculate(first, values, (left, right) => ({
      digits: left.digits * right.digits,
      scale: left.scale + right.scale,
    }));
  }),
  biggest: fn('any, ...any', (...values: unknown[]) => int64(extreme(values, (a, b) => a > b))),
  max: fn('any, ...any', (...values: unknown[]) => int64(extreme(values, (a, b) => a > b))),
  min: fn('any, ...any', (...values: unknown[]) => int64(extreme(values, (a, b) => a < b))),
  maxf: fn('any, ...any', (...values: unknown[]) => Math.max(...values.map(toFloat))),
  minf: fn('any, ...any', (...values: unknown[]) => Math.min(...values.map(toFloat))),
  ceil: fn('any', (value: unknown) => Math.ceil(toFloat(value))),
  floor: fn('any', (value: unknown) => Math.floor(toFloat(value))),
  round: fn('any, int, ...float64', (value: unknown, places: GoInt, roundOn = 0.5) =>
    round(toFloat(value), toNumber(places), roundOn),
  ),
};

/** strconv.Atoi gives the nearest integer together with its error. */
function clampInt(value: bigint): bigint {
  const [min, max] = [-(2n ** 63n), 2n ** 63n - 1n];
  return value > max ? max : value < min ? min : value;
}

function fromOctal(text: string): bigint {
  if (!/^[+-]?[0-7]+$/.test(text)) return 0n;
  const value = BigInt(`0o${text.replace(/^[+-]/, '')}`);
  if (value > 2n ** 63n - 1n) return 0n;
  return text.startsWith('-') ? -value : value;
}

function divisor(value: unknown): bigint {
  const number = toBigInt(value);
  if (number === 0n) throw new RangeError('runtime error: integer divide by zero');
  return number;
}

function extreme(values: readonly unknown[], wins: (candidate: bigint, best: bigint) => boolean): bigint {
  return values.map(toBigInt).reduce((best, candidate) => (wins(candidate, best) ? candidate : best));
}

function range(start: number, stop: number, step: number): number[] {
  const values: number[] = [];
  if ((stop < start && step >= 0) || (stop >= start && step <= 0)) return values;
  if (Math.abs((stop - start) / step) > maxCount) throw new RangeError(`more than ${maxCount} numbers`);
  for (let value = start; step > 0 ? value < stop : value > stop; value += step) values.push(value);
  return values;
}

function intList(values: readonly number[]): GoInt[] {
  return withGoType(
    values.map((value) => new GoInt(value)),
    { name: '[]int', zero: new GoInt(0) },
  );
}

function sequence(values: readonly number[]): string {
  if (values.length === 0 || values.length > 3) return '';
  const [start, step, end] = sequenceBounds(values);
  if (values.length === 3 && end < start && step > 0) return '';
  const direction = end < start ? -1 : 1;
  return range(start, end + direction, step).join(' ');
}

function sequenceBounds(values: readonly number[]): [number, number, number] {
  const [first = 0, second = 0, third = 0] = values;
  if (values.length === 1) return [1, first < 1 ? -1 : 1, first];
  if (values.length === 2) return [first, second < first ? -1 : 1, second];
  return [first, second, third];
}

function round(value: number, places: number, roundOn: number): number {
  const power = 10 ** places;
  const digit = power * value;
  const fraction = digit - Math.trunc(digit);
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

/** `digits / 10 ** scale`. */
interface Decimal {
  digits: bigint;
  scale: number;
}

/** Decimal places of a quotient. */
const quotientScale = 16;

/** The decimal of a float's shortest digits, as shopspring/decimal takes it. */
function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value))
    throw new RangeError(`Cannot create a Decimal from ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`);
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  return { digits: BigInt(digits), scale: digits.replace('-', '').length - 1 - Number(exponent) };
}

function calculate(
  first: unknown,
  rest: readonly unknown[],
  operate: (left: Decimal, right: Decimal) => Decimal,
): number {
  const result = rest.reduce(
    (sum: Decimal, value) => operate(sum, decimalOf(toFloat(value))),
    decimalOf(toFloat(first)),
  );
  return Number(`${result.digits}e${-result.scale}`);
}

function add(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  return { digits: rescale(left, scale) + rescale(right, scale), scale };
}

function rescale({ digits, scale }: Decimal, to: number): bigint {
  return digits * 10n ** BigInt(to - scale);
}

function divide(left: Decimal, right: Decimal): Decimal {
  if (right.digits === 0n) throw new RangeError('decimal division by 0');
  const shift = quotientScale + right.scale - left.scale;
  const numerator = shift >= 0 ? left.digits * 10n ** BigInt(shift) : left.digits;
  const denominator = shift >= 0 ? right.digits : right.digits * 10n ** BigInt(-shift);
  const [quotient, remainder] = [numerator / denominator, numerator % denominator];
  const absolute = (value: bigint) => (value < 0n ? -value : value);
  if (absolute(remainder) * 2n < absolute(denominator)) return { digits: quotient, scale: quotientScale };
  const away = numerator < 0n === denominator < 0n ? 1n : -1n;
  return { digits: quotient + away, scale: quotientScale };
}
