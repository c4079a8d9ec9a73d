import {
  helmReleaseNameLabel,
  helmReleaseNamespaceLabel,
  kustomization,
  kustomizationNameLabel,
  kustomizationNamespaceLabel,
} from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { causeChain } from '@flux/errors';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { kustomizationView } from '../kinds/kustomization.ts';
import { refTo } from '../objects.ts';
import { findObjects, type TracedObject, type TypedKind } from './find-objects.ts';
import { formatReport } from './format-report.ts';

/** Prints for each object what manages it and where that comes from; an object without an owner is no error (spec cli 10). */
export async function traceObjects(context: Context, words: readonly string[], typed: TypedKind): Promise<void> {
  if (words.length === 0) {
    throw new UsageError('either `<resource>/<name>` or `<resource> <name>` is required as an argument');
  }
  const cluster = await context.cluster();
  for (const traced of await findObjects(cluster, context.namespace, words, typed)) {
    try {
      context.out.data(await reportOf(context, cluster, traced));
    } catch (error) {
      const { kind, metadata } = traced.object;
      const subject = `${kind}/${metadata.name} in namespace ${metadata.namespace ?? ''}`;
      context.out.note(`failed to trace ${subject}: ${causeChain(error).join(': ')}`);
    }
  }
}

async function reportOf(context: Context, cluster: Cluster, traced: TracedObject): Promise<string> {
  const labels = traced.object.metadata.labels ?? {};
  const [name, namespace] = [labels[kustomizationNameLabel], labels[kustomizationNamespaceLabel]];
  if (name && namespace) {
    const owner = await find(cluster, refTo(kustomizationView.kind, namespace, name), 'kustomization');
    return formatReport(traced, kustomization.read(owner), await findSource(cluster, owner), timeZoneOf(context));
  }
  if (labels[helmReleaseNameLabel] && labels[helmReleaseNamespaceLabel]) {
    throw new UsageError(
      `object is managed by HelmRelease ${labels[helmReleaseNamespaceLabel]}/${labels[helmReleaseNameLabel]}, which this build cannot trace`,
    );
  }
  throw new UsageError('object not managed by Flux');
}

async function findSource(cluster: Cluster, owner: KubeObject): Promise<KubeObject> {
  const source = kustomizationView.sourceOf?.(owner);
  if (!source) throw new UsageError('object not managed by Flux');
  return find(cluster, { apiVersion: 'source.toolkit.fluxcd.io/v1', ...source }, 'source');
}

async function find(cluster: Cluster, ref: Parameters<Cluster['get']>[0], what: string): Promise<KubeObject> {
  try {
    return await cluster.get(ref);
  } catch (error) {
    throw new UsageError(`failed to find ${what}: ${causeChain(error).join(': ')}`, { cause: error });
  }
}

function timeZoneOf({ env }: Context): string {
  return env['TZ'] || Intl.DateTimeFormat().resolvedOptions().timeZone;
}
