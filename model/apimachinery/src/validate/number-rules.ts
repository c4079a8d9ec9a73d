import { formatFloat } from '@flux/gotypes';
import type { Schema } from '../schema.ts';
import { type Finding, invalid, unlocated } from './finding.ts';
import { supportedFormat } from './formats.ts';

const maxFloat32 = 3.4028234663852886e38;

export function checkNumber(value: number | bigint, schema: Schema, path: string): Finding[] {
  const { minimum, maximum, multipleOf } = schema;
  const findings = checkRange(value, schema, path);
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    findings.push(invalid(path, value, `should be a multiple of ${formatBound(value, multipleOf)}`));
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    const relation = schema.exclusiveMaximum ? 'less than' : 'less than or equal to';
    findings.push(invalid(path, value, `should be ${relation} ${formatBound(value, maximum)}`));
  }
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    const relation = schema.exclusiveMinimum ? 'greater than' : 'greater than or equal to';
    findings.push(invalid(path, value, `should be ${relation} ${formatBound(value, minimum)}`));
  }
  return findings;
}

/** Whether the value fits its type and format; the server reports this without a field. */
function checkRange(value: number | bigint, schema: Schema, path: string): Finding[] {
  const type = schema.intOrString ? undefined : schema.type;
  const format = supportedFormat(schema);
  const fits =
    type === 'integer'
      ? fitsInteger(value, format === 'int32' ? 32 : 64)
      : format !== 'float' || Math.abs(Number(value)) <= maxFloat32;
  if (fits) return [];
  const kind = format === undefined ? `${type} (default format)` : `${type} with format ${format}`;
  return [unlocated(`Checked value must be of type ${kind} in ${path}`)];
}

function fitsInteger(value: number | bigint, bits: number): boolean {
  if (typeof value === 'number' && !Number.isInteger(value)) return false;
  return BigInt.asIntN(bits, BigInt(value)) === BigInt(value);
}

function isMultiple(value: number | bigint, factor: number): boolean {
  if (isWhole(value) && Number.isInteger(factor)) return BigInt(value) % BigInt(factor) === 0n;
  const quotient = factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9 * Math.max(1, Math.abs(quotient));
}

function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

/** Bounds of whole numbers are shown whole, others as Go prints floats. */
function formatBound(value: number | bigint, bound: number): string {
  return isWhole(value) ? String(Math.trunc(bound)) : formatFloat(bound, { exponentFrom: 21 });
}
