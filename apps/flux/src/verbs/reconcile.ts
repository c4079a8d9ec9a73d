import { type Kind, requestedAtAnnotation } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import { kindViews } from '../kinds/index.ts';
import type { KindView, SourceReference } from '../kinds/kind-view.ts';
import { refTo } from '../objects.ts';
import { isCurrent } from '../readiness.ts';
import { waitFor } from '../wait-for.ts';
import { defineVerb } from './define-verb.ts';

/** Flags that only some kinds have. */
const extraRequests = kindViews.flatMap(({ requests = {} }) => Object.entries(requests));

export const reconcile = defineVerb({
  verb: 'reconcile',
  doc: 'The reconcile sub-commands trigger a reconciliation of sources and resources.',
  summary: ({ kind }) => `Reconcile a ${kind.cli.title}`,
  example: (view) => exampleOf(view),
  flags: {
    'with-source': boolFlag('reconcile the source first'),
    ...Object.fromEntries(extraRequests.map(([name, { doc }]) => [name, boolFlag(doc)])),
  },
  hasFlag: (view, flag) =>
    flag === 'with-source' ? view.sourceOf !== undefined : Object.hasOwn(view.requests ?? {}, flag),
  async run(context, { view, args, flags }) {
    const [name] = args;
    if (!name) throw new UsageError(`${view.kind.kind} name is required`);
    const cluster = await context.cluster();
    const object = await cluster.get(refTo(view.kind, context.namespace, name));
    if (!view.staticMessage?.(object)) checkNotSuspended(object);
    if (flags['with-source'] && view.sourceOf) await reconcileSource(context, view.sourceOf(object));
    const asked = Object.entries(view.requests ?? {}).filter(([flag]) => Reflect.get(flags, flag) === true);
    const annotations = asked.map(([, { annotation }]) => annotation);
    await reconcileOne(context, view, { namespace: context.namespace, name, annotations });
  },
});

function exampleOf({ kind, sourceOf }: KindView): string {
  const words = `flux reconcile ${kind.cli.command.join(' ')} podinfo`;
  const first = `  # Trigger a reconciliation outside of the interval\n  ${words}`;
  return sourceOf ? `${first}\n\n  # Fetch the source first\n  ${words} --with-source` : first;
}

/** A chart's own source comes before it. */
async function reconcileSource(context: Context, source: SourceReference): Promise<void> {
  const view = kindViews.find(({ kind }) => kind.kind === source.kind && kind.group.startsWith('source.'));
  if (!view) throw new UsageError(`cannot reconcile source of kind ${source.kind}`);
  if (view.sourceOf) {
    const cluster = await context.cluster();
    const object = await cluster.get(refTo(view.kind, source.namespace, source.name));
    await reconcileSource(context, view.sourceOf(object));
  }
  await reconcileOne(context, view, source);
}

/** Annotates an object and waits until its controller has handled the request (spec cli 8). */
async function reconcileOne(
  { cluster: open, out, now, globals, signal }: Context,
  { kind, success, staticMessage }: KindView,
  { namespace, name, annotations = [] }: { namespace: string; name: string; annotations?: readonly string[] },
): Promise<void> {
  const cluster = await open();
  const ref = refTo(kind, namespace, name);
  const before = await cluster.get(ref);
  if (staticMessage?.(before)) return out.success('reconciliation not supported by the object');
  checkNotSuspended(before);
  out.action(`annotating ${kind.kind} ${name} in ${namespace} namespace`);
  const token = nanoTime(now());
  const values = Object.fromEntries([requestedAtAnnotation, ...annotations].map((key) => [key, token]));
  await cluster.patch(ref, 'merge', { metadata: { annotations: values } });
  out.success(`${kind.kind} annotated`);
  out.waiting(`waiting for ${kind.kind} reconciliation`);
  const handledBefore = handledAt(kind, before);
  const done = await waitFor(
    cluster,
    ref,
    (object) => (object && handledAt(kind, object) !== handledBefore && isCurrent(object) ? object : undefined),
    { timeoutMs: globals.timeout, signal },
  );
  out.success(success(done));
}

function checkNotSuspended(object: KubeObject): void {
  if (object['spec']?.suspend === true) throw new UsageError('resource is suspended');
}

function handledAt(kind: Kind, object: KubeObject): string {
  const { status } = kind.read(object) as { status?: { lastHandledReconcileAt?: string } };
  return status?.lastHandledReconcileAt ?? '';
}

/** time.RFC3339Nano, with the process clock's finer digits so that two requests never look the same. */
function nanoTime(date: Date): string {
  const finer = Number(process.hrtime.bigint() % 1_000_000n);
  return date.toISOString().replace('Z', `${String(finer).padStart(6, '0')}Z`);
}
