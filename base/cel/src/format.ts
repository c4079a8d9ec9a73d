import { Buffer } from 'node:buffer';
import { CelError } from './cel-error.ts';
import { formatCelText } from './values.ts';

const clause = /%(?:\.(\d+))?([a-zA-Z%])/g;
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `"…".format(list)`: `%s %d %b %o %x %X %f %e %%`; the texts of failures are cel-go's. */
export function formatString(template: string, args: readonly unknown[]): string {
  let next = 0;
  return template.replace(clause, (_, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (!'sdboxXfe'.includes(verb)) {
      const reason = `could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}`;
      throw new CelError(reason);
    }
    if (next >= args.length) throw new CelError(`index ${next} out of range`);
    return formatOne(verb, args[next++], digits === undefined ? 6 : Number(digits));
  });
}

function formatOne(verb: string, value: unknown, precision: number): string {
  switch (verb) {
    case 's':
      return formatCelText(value);
    case 'd':
      if (typeof value === 'number' && !Number.isFinite(value)) return formatCelText(value);
      return String(integerOf(value, 'decimal clause can only be used on integers'));
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      return integerOf(value, 'only integers and bools can be formatted as binary').toString(2);
    case 'o':
      return integerOf(value, 'octal clause can only be used on integers').toString(8);
    case 'x':
      return formatHexadecimal(value);
    case 'X':
      return formatHexadecimal(value).toUpperCase();
    default:
      return verb === 'f' ? fixedPoint(value, precision) : scientific(value, precision);
  }
}

function integerOf(value: unknown, rule: string): bigint {
  const integer: unknown = typeof value === 'object' && value !== null ? value.valueOf() : value;
  if (typeof integer === 'bigint') return integer;
  throw new CelError(`error during formatting: ${rule}, was given ${nameType(value)}`);
}

function formatHexadecimal(value: unknown): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integerOf(value, 'only integers, byte buffers, and strings can be formatted as hex').toString(16);
}

function fixedPoint(value: unknown, precision: number): string {
  if (typeof value === 'number') return Number.isFinite(value) ? value.toFixed(precision) : formatCelText(value);
  throw new CelError(
    `error during formatting: fixed-point clause can only be used on doubles, was given ${nameType(value)}`,
  );
}

/** `1.234500×10⁰³`: cel-go writes the exponent in raised digits. */
function scientific(value: unknown, precision: number): string {
  if (typeof value !== 'number') {
    throw new CelError(
      `error during formatting: scientific clause can only be used on doubles, was given ${nameType(value)}`,
    );
  }
  if (!Number.isFinite(value)) return formatCelText(value);
  const [mantissa, exponent = '+0'] = value.toExponential(precision).split('e');
  const digits = exponent.slice(1).padStart(2, '0');
  const raised = [...digits].map((digit) => superscripts[Number(digit)]).join('');
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
}

function nameType(value: unknown): string {
  if (typeof value === 'number') return 'double';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'null_type';
  return typeof value === 'string' ? 'string' : typeof value === 'bigint' ? 'int' : 'map';
}
