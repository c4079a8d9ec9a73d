import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '@flux/apimachinery';

/**
 * Whether an apply would change the object (KUS-APPLY-09): labels, annotations, and all outside metadata and status. The
 * dry-run result stands for the object after the apply.
 */
export function hasDrifted(live: KubeObject, dryRun: KubeObject): boolean {
  return (
    !isDeepStrictEqual(live.metadata.labels ?? {}, dryRun.metadata.labels ?? {}) ||
    !isDeepStrictEqual(live.metadata.annotations ?? {}, dryRun.metadata.annotations ?? {}) ||
    !isDeepStrictEqual(contentOf(live), contentOf(dryRun))
  );
}

function contentOf(object: KubeObject): Record<string, unknown> {
  const { metadata: _metadata, status: _status, ...content } = object;
  if (object.apiVersion !== 'autoscaling/v2' || object.kind !== 'HorizontalPodAutoscaler') return content;
  return { ...content, spec: withDistinctMetrics(content['spec']) };
}

/** Before Kubernetes 1.27 a dry run doubled the first metric and added an empty one. */
function withDistinctMetrics(spec: unknown): unknown {
  if (typeof spec !== 'object' || spec === null || !('metrics' in spec) || !Array.isArray(spec.metrics)) return spec;
  const metrics: unknown[] = [];
  for (const metric of spec.metrics) {
    if (metric?.type && !metrics.some((other) => isDeepStrictEqual(other, metric))) metrics.push(metric);
  }
  return { ...spec, metrics };
}
