import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { causeChain } from '@flux/errors';
import { ExitError, UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import type { KindView } from '../kinds/kind-view.ts';
import { listAll, refTo } from '../objects.ts';
import { isReconciled } from '../readiness.ts';
import { waitFor } from '../wait-for.ts';
import { defineVerb } from './define-verb.ts';

export const resume = defineVerb({
  verb: 'resume',
  doc: 'The resume sub-commands resume a suspended resource.',
  summary: ({ kind }) => `Resume a suspended ${kind.cli.title}`,
  example: ({ kind }) => {
    const words = kind.cli.command.join(' ');
    return `  # Resume reconciliation of one object\n  flux resume ${words} podinfo\n\n  # Resume several objects and wait until they are ready\n  flux resume ${words} podinfo-1 podinfo-2 --wait`;
  },
  persistentFlags: {
    all: boolFlag('resume all resources in that namespace'),
    wait: boolFlag('waits for one resource to reconcile before moving to the next one'),
  },
  async run(context, { view, args, flags, changed }) {
    if (args.length === 0 && !flags.all) throw new UsageError(`${view.kind.cli.noun} name is required`);
    const waits = flags.wait || (!changed('wait') && args.length === 1);
    const objects = await resumeNamed(context, view, args, flags.all);
    if (waits) await awaitAll(context, view, objects);
  },
});

/** Resumes what was named, one after the other, and returns it. */
async function resumeNamed(context: Context, view: KindView, names: readonly string[], all: boolean) {
  const { namespace, out } = context;
  const { kind } = view;
  const cluster = await context.cluster();
  if (all) {
    const objects = await listAll(cluster, kind, { namespace });
    if (objects.length === 0) out.failure(`no ${kind.kind} objects found in ${namespace} namespace`);
    for (const object of objects) await resumeOne(context, view, object);
    return objects;
  }
  const objects: KubeObject[] = [];
  for (const name of new Set(names)) {
    const object = await cluster.find(refTo(kind, namespace, name));
    if (object) {
      await resumeOne(context, view, object);
      objects.push(object);
    } else {
      // flux names the first argument whichever is missing (spec cli 8)
      out.failure(`${kind.kind} object '${names[0]}' not found in ${namespace} namespace`);
    }
  }
  return objects;
}

async function resumeOne({ cluster, namespace, out }: Context, { kind }: KindView, { metadata }: KubeObject) {
  out.action(`resuming ${kind.cli.noun} ${metadata.name} in ${namespace} namespace`);
  await (await cluster()).patch(refTo(kind, namespace, metadata.name), 'merge', { spec: { suspend: false } });
  out.success(`${kind.cli.noun} resumed`);
}

async function awaitAll(context: Context, view: KindView, objects: readonly KubeObject[]): Promise<void> {
  const { out } = context;
  const { kind } = view;
  const cluster = await context.cluster();
  const results = await Promise.all(objects.map(({ metadata }) => awaitOne(context, view, cluster, metadata.name)));
  let failed = 0;
  for (const { name, ready, failure } of results.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (ready) {
      out.success(`${kind.kind} ${name} reconciliation completed`);
      out.success(view.success(ready));
    } else {
      failed++;
      out.failure(`${kind.kind} ${name} reconciliation failed: ${failure}`);
    }
  }
  if (failed > 0) throw new ExitError(`reconciliation failed for ${failed} ${kind.kind}(s)`, 1);
}

async function awaitOne(context: Context, { kind, staticMessage }: KindView, cluster: Cluster, name: string) {
  const { out, namespace, globals, signal } = context;
  out.waiting(`waiting for ${kind.kind} reconciliation`);
  const check = (object: KubeObject | undefined) =>
    object && (staticMessage?.(object) || isReconciled(object)) ? object : undefined;
  try {
    const ready = await waitFor(cluster, refTo(kind, namespace, name), check, { timeoutMs: globals.timeout, signal });
    return { name, ready };
  } catch (error) {
    return { name, failure: causeChain(error).join(': ') };
  }
}
