import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';
import { defaultColumns } from './builtin.ts';
import { ageOf } from './duration.ts';
import { compileJsonPath, type JsonPath } from './json-path.ts';
import type { TableColumn, TablePrinter } from './printer.ts';

interface Column extends TableColumn {
  find: JsonPath | undefined;
}

/** The printer of a custom resource: its name, then the columns that its CRD declares, or its age. */
export function customPrinter(version: Fields): TablePrinter {
  const [name, created] = defaultColumns as [TableColumn, TableColumn];
  const declared = list(version['additionalPrinterColumns']).map(toColumn);
  const age: Column = { ...created, name: 'Age', find: compileJsonPath('.metadata.creationTimestamp') };
  const columns = declared.length > 0 ? declared : [age];
  return {
    columns: [name, ...columns.map(({ find: _find, ...column }) => column)],
    cells: (object, now) => [object.metadata.name, ...columns.map((column) => cellOf(column, object, now))],
  };
}

function toColumn({ name, type, format = '', description = '', priority = 0, jsonPath }: Fields): Column {
  const text = description || `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format, description: text, priority, find: compileJsonPath(jsonPath ?? '') };
}

function cellOf({ type, find }: Column, object: KubeObject, now: Date): unknown {
  const found = find?.(object) ?? [];
  if (found.length === 0) return null;
  const [value] = found;
  switch (type) {
    case 'string':
      return printValue(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null;
    default:
      return null;
  }
}

function dateCell(value: string, now: Date): string {
  if (value === '') return '<unknown>';
  return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageOf(value, now);
}

/** As kubectl's JSONPath printer writes a value. */
function printValue(value: unknown): string {
  if (value === null) return '<no value>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
