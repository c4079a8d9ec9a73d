interface FloatOptions {
  bits?: 32 | 64;
  /** The power of ten from which the form with an exponent is taken: 6 by default, 21 in `%v` and JSON. */
  exponentFrom?: number;
}

/** Go's `strconv.FormatFloat(value, 'g', -1, bits)`: the shortest digits that read back, `1e+21`, `1e-05`, `0.1`. */
export function formatFloat(value: number, options: FloatOptions = {}): string {
  // Most numbers are small counts.
  if (Number.isInteger(value) && value > 0 && value < 1_000_000 && (options.exponentFrom ?? 6) >= 6)
    return String(value);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = options.bits === 32 ? shortestFloat32(value) : Math.abs(value).toExponential();
  const [mantissa = '', exponentText = '0'] = text.split('e');
  const sign = value < 0 ? '-' : '';
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  const exponentFrom = options.exponentFrom ?? 6;
  if (exponent < -4 || exponent >= exponentFrom) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  return sign + positional(digits, exponent);
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const wholeLength = exponent + 1;
  if (digits.length <= wholeLength) return digits.padEnd(wholeLength, '0');
  return `${digits.slice(0, wholeLength)}.${digits.slice(wholeLength)}`;
}

function shortestFloat32(value: number): string {
  const target = Math.fround(Math.abs(value));
  for (let precision = 0; precision < 9; precision += 1) {
    const text = target.toExponential(precision);
    if (Math.fround(Number(text)) === target) return text;
  }
  return target.toExponential();
}
