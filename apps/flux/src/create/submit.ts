import { type Artifact, type Kind, manifestOf } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { refTo } from '../objects.ts';
import { isReconciled } from '../readiness.ts';
import { waitFor } from '../wait-for.ts';
import { formatDocuments } from '../yaml-documents.ts';

/** Prints what would be created. */
export async function printManifests(context: Context, kind: Kind, object: KubeObject): Promise<void> {
  context.out.data(await formatDocuments([manifestOf(kind, object)]));
}

interface SubmitOptions {
  /** What was created or updated, where it is not the title. */
  result?: string;
  isReady?: (object: KubeObject) => boolean;
}

/**
 * Creates or updates an object and waits until its controller has reconciled it. An update replaces spec and labels;
 * annotations stay (spec cli 9). `title` names it in messages.
 */
export async function submit(
  context: Context,
  kind: Kind,
  wanted: KubeObject,
  title: string,
  { result = title, isReady = isReconciled }: SubmitOptions = {},
): Promise<KubeObject> {
  const { out, globals, signal } = context;
  const cluster = await context.cluster();
  const manifest = manifestOf(kind, wanted);
  const { name, namespace = '' } = manifest.metadata;
  const ref = refTo(kind, namespace, name);
  out.action(`applying ${title}`);
  const existing = await cluster.find(ref);
  if (existing) {
    const { labels = {}, ...metadata } = { ...existing.metadata, labels: manifest.metadata.labels };
    await cluster.update({ ...existing, metadata: { ...metadata, labels }, spec: manifest['spec'] });
  } else {
    await cluster.create(manifest);
  }
  out.success(`${result} ${existing ? 'updated' : 'created'}`);
  out.waiting(`waiting for ${title} reconciliation`);
  return waitFor(cluster, ref, (object) => (object && isReady(object) ? object : undefined), {
    timeoutMs: globals.timeout,
    signal,
  });
}

/** Submits a source and tells the revision that it has fetched. */
export async function submitSource(
  context: Context,
  kind: Kind,
  wanted: KubeObject,
  title: string,
  options: Pick<SubmitOptions, 'result'> = {},
): Promise<void> {
  const ready: KubeObject = kind.read(await submit(context, kind, wanted, title, options));
  context.out.success(`${title} reconciliation completed`);
  const artifact: Artifact | undefined = ready['status']?.artifact;
  if (!artifact?.revision) throw new UsageError(`${title} reconciliation completed but no artifact was found`);
  context.out.success(`fetched revision: ${artifact.revision}`);
}
