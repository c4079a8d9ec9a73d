import type { KubeObject } from '@flux/apimachinery';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import type { KindView } from '../kinds/kind-view.ts';
import { formatTable } from '../table.ts';
import { headerOf, rowOf } from './rows.ts';
import { type GetOptions, selectorOf } from './selection.ts';

/** One row per event, each laid out on its own; the header comes with the first (spec cli 6). */
export async function watchRows(
  context: Context,
  view: KindView,
  options: GetOptions,
  matches: (object: KubeObject) => boolean,
): Promise<void> {
  const timeout = AbortSignal.timeout(context.globals.timeout);
  const signal = AbortSignal.any([context.signal, timeout]);
  const cluster = await context.cluster();
  let header = options['no-header'] ? [] : headerOf(view, options);
  try {
    for await (const event of cluster.watch(view.kind, { ...selectorOf(context, options), signal })) {
      if (event.type === 'ERROR') throw new UsageError(`watch failed: ${JSON.stringify(event.object)}`);
      if (event.type === 'BOOKMARK' || !matches(event.object)) continue;
      context.out.data(formatTable(header, [rowOf(view, event.object, options)]));
      header = [];
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (timeout.aborted) throw new UsageError('timed out waiting for the condition');
}
