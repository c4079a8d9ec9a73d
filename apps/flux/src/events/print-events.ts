import type { KubeObject } from '@flux/apimachinery';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { listAll } from '../objects.ts';
import { formatTable } from '../table.ts';
import { eventRow, eventTime } from './event-row.ts';
import { findSubjects, type Subjects } from './subjects.ts';

export interface EventOptions {
  allNamespaces: boolean;
  subject: string;
  types: readonly string[];
  watch: boolean;
}

const eventKind = { apiVersion: 'v1', kind: 'Event' };
const columns = ['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'];

/** `flux events`: what happened to Flux's objects, oldest first (spec cli 10). */
export async function printEvents(context: Context, options: EventOptions): Promise<void> {
  const subjects = await findSubjects(context, options.subject, options.allNamespaces);
  const withNamespace = options.allNamespaces || subjects.namespaces.some((each) => each !== context.namespace);
  const header = withNamespace ? ['NAMESPACE', ...columns] : columns;
  const isWanted = (event: KubeObject) => matches(event, subjects, options);
  if (options.watch) return watchEvents(context, subjects, isWanted, header);
  const cluster = await context.cluster();
  const found: KubeObject[] = [];
  for (const namespace of subjects.namespaces) {
    found.push(...(await listAll(cluster, eventKind, namespace === undefined ? {} : { namespace })).filter(isWanted));
  }
  if (found.length === 0) {
    const where = options.allNamespaces ? '' : ` in ${context.namespace} namespace`;
    return context.out.failure(`No events found${where}.`);
  }
  const sorted = found.toSorted((a, b) => eventTime(a) - eventTime(b));
  context.out.data(
    formatTable(
      header,
      sorted.map((event) => eventRow(event, context.now(), withNamespace)),
    ),
  );
}

function matches(event: KubeObject, subjects: Subjects, { types }: EventOptions): boolean {
  if (types.length > 0 && !types.includes(event['type'])) return false;
  return subjects.matches(event['involvedObject'] ?? {});
}

async function watchEvents(
  context: Context,
  { namespaces }: Subjects,
  isWanted: (event: KubeObject) => boolean,
  header: readonly string[],
): Promise<void> {
  const cluster = await context.cluster();
  let pending = header;
  const follow = async (namespace: string | undefined) => {
    const scope = namespace === undefined ? {} : { namespace };
    for await (const change of cluster.watch(eventKind, { ...scope, signal: context.signal })) {
      if (change.type === 'ERROR') throw new UsageError(`watch failed: ${JSON.stringify(change.object)}`);
      if (change.type === 'BOOKMARK' || change.type === 'DELETED' || !isWanted(change.object)) continue;
      const row = eventRow(change.object, context.now(), header.length > columns.length);
      context.out.data(formatTable(pending, [row]));
      pending = [];
    }
  };
  try {
    await Promise.all(namespaces.map(follow));
  } catch (error) {
    if (!context.signal.aborted) throw error;
  }
}
