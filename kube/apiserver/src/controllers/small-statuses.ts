import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { formatAmounts, usedOf } from '../quota/enforce.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { selectorMatches } from '../strategies/pod-template.ts';
import { type ControllerContext, type StatusCondition, setCondition, timestamp } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';
import { isReady } from './replicas.ts';

/** Statuses of PodDisruptionBudgets and ResourceQuotas. */
export function startSmallStatuses(context: ControllerContext): Loop[] {
  const budgets = startStatus(context, 'policy', 'poddisruptionbudgets', (budget) => budgetStatus(context, budget));
  return [budgets, startQuotas(context)];
}

/** Whatever comes, goes or ends may change what a quota of its namespace counts. */
function startQuotas(context: ControllerContext): Loop {
  const { api } = context;
  const quotas = api.resource('', 'resourcequotas');
  const loop = startStatus(context, '', 'resourcequotas', (quota) => ({
    hard: quota['spec']?.hard ?? {},
    used: formatAmounts(usedOf(api, quota, api.now().getTime())),
  }));
  const watched = new Set([quotas.bucket, api.resource('', 'pods').bucket]);
  const watchAll = () => {
    for (const { bucket, namespaced } of api.catalog.all()) {
      if (!namespaced || watched.has(bucket)) continue;
      watched.add(bucket);
      loop.watch(bucket, ({ object }) => quotas.bucket.values(object.metadata.namespace).map(objectKey));
    }
  };
  watchAll();
  api.catalog.onChange(watchAll);
  return loop;
}

function startStatus(
  context: ControllerContext,
  group: string,
  plural: string,
  statusOf: (object: KubeObject) => Fields,
): Loop {
  const resource = context.api.resource(group, plural);
  const pods = context.api.resource('', 'pods');
  const loop = new Loop(plural, context.log, (key) => {
    const live = resource.bucket.get(storageKey(...splitKey(key)));
    if (!live) return;
    const status = statusOf(live);
    if (deepEqual(status, live['status'])) return;
    context.writer.update(resource, live, (object) => Object.assign(object, { status }), 'status');
  });
  loop.watch(resource.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  loop.watch(pods.bucket, ({ object }) => resource.bucket.values(object.metadata.namespace).map(objectKey));
  return loop;
}

function budgetStatus(context: ControllerContext, budget: KubeObject): Fields {
  const { minAvailable, maxUnavailable, selector } = budget['spec'] ?? {};
  const pods = context.api
    .list('', 'pods', budget.metadata.namespace)
    .filter((pod) => selectorMatches(selector, pod.metadata.labels ?? {}));
  const healthy = pods.filter(isReady).length;
  const amount = (value: number | string) =>
    typeof value === 'number' ? value : Math.ceil((Number.parseInt(value, 10) * pods.length) / 100);
  const desired =
    maxUnavailable === undefined ? amount(minAvailable ?? 1) : Math.max(0, pods.length - amount(maxUnavailable));
  const allowed = Math.max(0, healthy - desired);
  const before = list(budget['status']?.conditions) as StatusCondition[];
  const condition = {
    type: 'DisruptionAllowed',
    observedGeneration: budget.metadata.generation,
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  return {
    observedGeneration: budget.metadata.generation,
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: pods.length,
    conditions: setCondition(before, condition, timestamp(context)),
  };
}
