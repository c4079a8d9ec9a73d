import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import type { KindView } from '../kinds/kind-view.ts';
import { listAll } from '../objects.ts';
import { tableOf } from './rows.ts';
import { type GetOptions, selectorOf } from './selection.ts';
import { parseStatusSelector } from './status-selector.ts';
import { watchRows } from './watch-rows.ts';

/** `flux get <kind>`: a table of one kind (spec cli 6). */
export async function printKind(context: Context, view: KindView, options: GetOptions): Promise<void> {
  const matches = parseStatusSelector(options['status-selector']);
  if (options.watch) return watchRows(context, view, options, matches);
  const objects = await listAll(await context.cluster(), view.kind, selectorOf(context, options));
  if (objects.length === 0) throw nothingFound(context, view, options);
  context.out.data(tableOf(view, objects.filter(matches), options));
}

function nothingFound({ namespace }: Context, { kind }: KindView, options: GetOptions): UsageError {
  const where = options['all-namespaces'] ? 'in any namespace' : `in ${JSON.stringify(namespace)} namespace`;
  return new UsageError(
    options.name
      ? `${kind.kind} object '${options.name}' not found ${where}`
      : `no ${kind.kind} objects found ${where}`,
  );
}
