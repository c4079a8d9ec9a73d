import { causeChain } from '@flux/errors';
import { type Command, defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { kindViews } from '../kinds/index.ts';
import type { KindView } from '../kinds/kind-view.ts';
import { listAll } from '../objects.ts';
import { getFlags } from './flags.ts';
import { tableOf } from './rows.ts';
import { selectorOf } from './selection.ts';
import { parseStatusSelector } from './status-selector.ts';

/** `flux get all`: a table per kind; kinds without objects, or unknown to the cluster, are silent (spec cli 6). */
export function getAll(includes: (view: KindView) => boolean): Command {
  return defineCommand({
    inherits: getFlags,
    async run(context, { flags }) {
      if (flags.watch) throw new UsageError('expected a single resource type, but found all');
      const matches = parseStatusSelector(flags['status-selector']);
      const cluster = await context.cluster();
      for (const view of kindViews.filter(includes)) {
        try {
          const objects = (await listAll(cluster, view.kind, selectorOf(context, flags))).filter(matches);
          if (objects.length > 0) context.out.data(`${tableOf(view, objects, { ...flags, withKind: true })}\n`);
        } catch (error) {
          if (!isUnknownKind(error)) context.out.failure(causeChain(error).join(': '));
        }
      }
    },
  });
}

function isUnknownKind(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NO_KIND_MATCH';
}
