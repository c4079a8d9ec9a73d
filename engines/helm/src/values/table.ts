import { getMember, setMember } from '@flux/apimachinery';
import { GoInt } from '@flux/gotemplate';
import type { Values } from '../chart/chart.ts';
import { ValuesError } from './values-error.ts';

/** Whether a value is what Helm calls a table: a map of values. */
export function isTable(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof GoInt);
}

/** Deeper than any YAML: only a table that contains itself gets there. */
export const maxTableDepth = 2000;

/** A copy that shares no table and no list with the original; scalars never change and are shared. */
export function copyTable(table: Values, depth = 0): Values {
  if (depth > maxTableDepth) throw tooDeep();
  const copy: Values = {};
  for (const key of Object.keys(table)) {
    const value = table[key];
    setMember(copy, key, typeof value === 'object' && value !== null ? copyValue(value, depth + 1) : value);
  }
  return copy;
}

/** The error of values that contain themselves. */
export function tooDeep(): ValuesError {
  return new ValuesError('values are nested too deeply');
}

function copyValue(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item) => copyValue(item, depth + 1));
  return isTable(value) ? copyTable(value, depth) : value;
}

/** Values for writers that know no Go integers. */
export function toPlain(value: unknown): unknown {
  if (value instanceof GoInt) return value.value;
  if (Array.isArray(value)) return value.map(toPlain);
  return isTable(value) ? mapTable(value, toPlain) : value;
}

/** A table with the same keys and what `map` makes of their values. */
export function mapTable(table: Values, map: (value: unknown) => unknown): Values {
  const mapped: Values = {};
  for (const key of Object.keys(table)) setMember(mapped, key, map(table[key]));
  return mapped;
}

/** Maps merge, anything else of `over` replaces what `base` has (HELM-VAL-02); neither is changed, and parts may be shared. */
export function mergeTables(base: Values, over: Values): Values {
  const merged = { ...base };
  for (const key of Object.keys(over)) {
    const [below, value] = [getMember(merged, key), over[key]];
    setMember(merged, key, isTable(value) && isTable(below) ? mergeTables(below, value) : value);
  }
  return merged;
}

/** The table at a path of keys joined by dots, or the key at which there is none. */
export function findTable(values: Values, path: string): { table: Values } | { missing: string } {
  let table = values;
  for (const name of path.split('.')) {
    const next = getMember(table, name);
    if (!isTable(next)) return { missing: name };
    table = next;
  }
  return { table };
}

/** The value at a path of keys joined by dots; a table is none, and null is one. */
export function findValue(values: Values, path: string): unknown {
  const end = path.lastIndexOf('.');
  const found = end < 0 ? { table: values } : findTable(values, path.slice(0, end));
  if (!('table' in found)) return undefined;
  const value = getMember(found.table, path.slice(end + 1));
  return isTable(value) ? undefined : value;
}
