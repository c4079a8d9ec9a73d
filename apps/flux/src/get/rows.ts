import type { KubeObject } from '@flux/apimachinery';
import { type KindView, shortenDigests } from '../kinds/kind-view.ts';
import { conditionOf } from '../objects.ts';
import { formatTable } from '../table.ts';
import type { GetFlags } from './flags.ts';

export interface RowOptions {
  'all-namespaces': boolean;
  'show-source'?: boolean;
  /** Names carry the kind (`get all`). */
  withKind?: boolean;
}

export function headerOf(view: KindView, options: RowOptions): string[] {
  return [
    ...(options['all-namespaces'] ? ['NAMESPACE'] : []),
    'NAME',
    ...shownColumns(view, options).map(({ name }) => name),
    'READY',
    'MESSAGE',
  ];
}

export function rowOf(view: KindView, object: KubeObject, options: RowOptions): string[] {
  const { name, namespace = '' } = object.metadata;
  const ready = readinessOf(view, object);
  return [
    ...(options['all-namespaces'] ? [namespace] : []),
    options.withKind ? `${view.kind.kind.toLowerCase()}/${name}` : name,
    ...shownColumns(view, options).map(({ cell }) => cell(object)),
    ready.status,
    view.keepsDigests ? ready.message : shortenDigests(ready.message),
  ];
}

/** Objects that no controller reconciles are ready. */
function readinessOf(view: KindView, object: KubeObject): { status: string; message: string } {
  const message = view.staticMessage?.(object);
  if (message !== undefined) return { status: 'True', message };
  return conditionOf(object, 'Ready') ?? { status: 'False', message: 'waiting to be reconciled' };
}

function shownColumns({ columns }: KindView, options: RowOptions) {
  return columns.filter(({ name }) => name !== 'SOURCE' || options['show-source']);
}

export function tableOf(view: KindView, objects: readonly KubeObject[], options: GetFlags & RowOptions): string {
  const header = options['no-header'] ? [] : headerOf(view, options);
  return formatTable(
    header,
    objects.map((object) => rowOf(view, object, options)),
  );
}
