import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { isReady } from '../controllers/replicas.ts';
import { Writer } from '../controllers/writer.ts';
import { deleteObject, parseDeleteOptions } from '../registry/delete.ts';
import { failure, internalError, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { selectorMatches } from '../strategies/pod-template.ts';
import { readBody } from './body.ts';
import { type Call, writeRequest } from './endpoint.ts';
import { type ApiResponse, objectResponse } from './messages.ts';

/** Deletes a pod unless a PodDisruptionBudget needs it; that is refused with 429, which clients try again. */
export async function evictEndpoint(call: Call): Promise<ApiResponse> {
  const { api, resource, info, request } = call;
  const pod = resource.bucket.get(storageKey(info.namespace, info.name!));
  if (!pod) throw notFound({ group: '', resource: 'pods' }, info.name!);
  const body = readBody(request.body, 'Eviction').value as { deleteOptions?: unknown } | undefined;
  const options = parseDeleteOptions(request.query, body?.deleteOptions);
  const write = { ...writeRequest(call, 'CreateOptions'), subresource: '' };
  const charge = chargedBudget(call, pod);
  deleteObject(write, options);
  if (charge && !write.dryRun) charge();
  await api.store.settled();
  return objectResponse(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

/** What has to be written down when the pod is deleted, if a budget allows it at its own cost. */
function chargedBudget({ api }: Call, pod: KubeObject): (() => void) | undefined {
  const phase: string = pod['status']?.phase ?? '';
  if (['Succeeded', 'Failed', 'Pending'].includes(phase) || pod.metadata.deletionTimestamp) return undefined;
  const labels = pod.metadata.labels ?? {};
  const budgets = api
    .list('policy', 'poddisruptionbudgets', pod.metadata.namespace)
    .filter((item) => selectorMatches(item['spec']?.selector, labels));
  const [budget] = budgets;
  if (!budget) return undefined;
  if (budgets.length > 1) {
    throw internalError(
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  if (!isReady(pod) && mayGoUnhealthy(budget)) return undefined;
  checkBudget(budget);
  const disruptedAt = formatTime(api.now());
  return () =>
    new Writer(api, 'kube-apiserver').update(
      api.resource('policy', 'poddisruptionbudgets'),
      budget,
      (object) => charge(object['status'], pod.metadata.name, disruptedAt),
      'status',
    );
}

/** A pod that is not ready protects nothing, unless the others are too few already. */
function mayGoUnhealthy({ spec, status = {} }: KubeObject): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy;
}

function checkBudget({ metadata, status = {} }: KubeObject): void {
  const { observedGeneration = 0, disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0 } = status;
  if (observedGeneration < (metadata.generation ?? 0)) {
    throw refused(`The disruption budget ${metadata.name} is still being processed by the server.`, 10);
  }
  if (disruptionsAllowed > 0) return;
  throw refused(
    `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
  );
}

function refused(message: string, retryAfterSeconds?: number) {
  return failure(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
  });
}

/** The budget's controller counts anew when it sees the pod go. */
function charge(status: Fields, podName: string, disruptedAt: string): void {
  status['disruptionsAllowed'] -= 1;
  status['disruptedPods'] = { ...status['disruptedPods'], [podName]: disruptedAt };
  if (status['disruptionsAllowed'] > 0) return;
  for (const condition of list(status['conditions'])) {
    if (condition['type'] !== 'DisruptionAllowed') continue;
    Object.assign(condition, { status: 'False', reason: 'InsufficientPods', lastTransitionTime: disruptedAt });
  }
}
