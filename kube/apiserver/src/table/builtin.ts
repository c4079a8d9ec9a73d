import type { KubeObject } from '@flux/apimachinery';
import { ageOf } from './duration.ts';
import { printers } from './kinds.ts';
import type { TableColumn, TablePrinter } from './printer.ts';

/** The printer of a built-in kind: its columns as the API server names them, its cells from `kinds.ts`. */
export function builtinPrinter(key: string, columns: readonly TableColumn[] | undefined): TablePrinter {
  const print = printers[key];
  if (print && columns && columns.length > 0) {
    return {
      columns,
      cells: (object, now) => print(object, now),
      ...(key === 'Pod' ? { conditions: podConditions } : {}),
    };
  }
  const usable = columns && columns.length > 0 ? columns : defaultColumns;
  return { columns: usable, cells: (object, now) => genericCells(object, usable, now) };
}

export const defaultColumns: readonly TableColumn[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    description:
      'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
    priority: 0,
  },
  {
    name: 'Created At',
    type: 'date',
    format: '',
    description:
      'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
    priority: 0,
  },
];

function genericCells({ metadata }: KubeObject, columns: readonly TableColumn[], now: Date): unknown[] {
  return columns.map(({ name }) => {
    if (name === 'Name') return metadata.name;
    if (name === 'Created At') return metadata.creationTimestamp ?? null;
    return name === 'Age' ? ageOf(metadata.creationTimestamp, now) : '';
  });
}

/** Lets kubectl hide finished pods. */
function podConditions({ status }: KubeObject): unknown[] | undefined {
  const phase = status?.phase;
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return [{ type: 'Completed', status: 'True', reason: phase, message }];
}
