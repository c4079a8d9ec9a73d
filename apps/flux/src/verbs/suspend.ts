import type { KubeObject } from '@flux/apimachinery/object';
import { isNotFound } from '@flux/apimachinery/status-error';
import { causeChain } from '@flux/errors';
import { UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import type { KindView } from '../kinds/kind-view.ts';
import { listAll, refTo } from '../objects.ts';
import { defineVerb } from './define-verb.ts';

export const suspend = defineVerb({
  verb: 'suspend',
  doc: 'The suspend sub-commands suspend the reconciliation of a resource.',
  summary: ({ kind }) => `Suspend reconciliation of ${kind.cli.title}`,
  example: ({ kind }) => {
    const words = kind.cli.command.join(' ');
    return `  # Suspend reconciliation of one object\n  flux suspend ${words} podinfo\n\n  # Suspend all objects of the namespace\n  flux suspend ${words} --all`;
  },
  persistentFlags: { all: boolFlag('suspend all resources in that namespace') },
  async run(context, { view, args, flags }) {
    if (args.length === 0 && !flags.all) throw new UsageError(`${view.kind.cli.noun} name is required`);
    const cluster = await context.cluster();
    if (flags.all) {
      const objects = await listAll(cluster, view.kind, { namespace: context.namespace });
      if (objects.length === 0) throw new UsageError('no objects found');
      for (const object of objects) await suspendOne(context, view, object, true);
      return;
    }
    for (const name of new Set(args)) {
      const object = await cluster.find(refTo(view.kind, context.namespace, name));
      if (object) await suspendOne(context, view, object, false);
      else context.out.failure(`${view.kind.kind} ${name} not found in ${context.namespace} namespace`);
    }
  },
});

/** A refused patch ends `--all`, and is only reported otherwise (spec cli 8). */
async function suspendOne(
  { cluster, namespace, out }: Context,
  { kind }: KindView,
  object: KubeObject,
  isAll: boolean,
) {
  const { name } = object.metadata;
  out.action(`suspending ${kind.cli.noun} ${name} in ${namespace} namespace`);
  try {
    await (await cluster()).patch(refTo(kind, namespace, name), 'merge', { spec: { suspend: true } });
    out.success(`${kind.cli.noun} suspended`);
  } catch (error) {
    if (isAll && !isNotFound(error)) throw error;
    out.failure(`failed suspending ${kind.kind} ${name} in ${namespace} namespace: ${causeChain(error).join(': ')}`);
  }
}
