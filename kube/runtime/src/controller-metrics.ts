import { exponentialBuckets, type Labels, type Metrics } from './metrics.ts';
import type { WorkQueueObserver } from './work-queue.ts';

export type PassResult = 'success' | 'error' | 'requeue' | 'requeue_after';

interface PassRecord {
  result: PassResult;
  seconds: number;
  object: { kind: string; name: string; namespace: string };
  /** False for a pass in which the object turned out to be gone. */
  hasObject: boolean;
}

/** The metrics of one controller under the names of controller-runtime and the GitOps toolkit (SRC-MET-01, SRC-MET-04). */
export interface ControllerMetrics {
  queue: WorkQueueObserver;
  record(record: PassRecord): void;
  panicked(): void;
  forget(object: PassRecord['object']): void;
}

const reconcileTimeBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2,
  2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1000];

export function controllerMetrics(metrics: Metrics, controller: string, concurrency: number): ControllerMetrics {
  const label: Labels = { controller };
  const labels = ['controller'];
  const define = {
    total: metrics.counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Total number of reconciliations per controller',
      labels: ['controller', 'result'],
    }),
    errors: metrics.counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Total number of reconciliation errors per controller',
      labels,
    }),
    panics: metrics.counter({
      name: 'controller_runtime_reconcile_panics_total',
      help: 'Total number of reconciliation panics per controller',
      labels,
    }),
    time: metrics.histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Length of time per reconciliation per controller',
      labels,
      buckets: reconcileTimeBuckets,
    }),
    active: metrics.gauge({
      name: 'controller_runtime_active_workers',
      help: 'Number of currently used workers per controller',
      labels,
    }),
    maximum: metrics.gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Maximum number of concurrent reconciles per controller',
      labels,
    }),
    duration: metrics.histogram({
      name: 'gotk_reconcile_duration_seconds',
      help: 'The duration in seconds of a GitOps Toolkit resource reconciliation.',
      labels: ['kind', 'name', 'namespace'],
      buckets: exponentialBuckets(0.01, 1800, 10),
    }),
  };
  define.maximum.set(label, concurrency);
  define.active.set(label, 0);
  define.errors.add(label, 0);
  const queue = queueObserver(metrics, controller);
  return {
    queue: {
      ...queue,
      started(waitedMs, depth) {
        define.active.add(label, 1);
        queue.started(waitedMs, depth);
      },
      finished(workedMs) {
        define.active.add(label, -1);
        queue.finished(workedMs);
      },
    },
    record({ result, seconds, object, hasObject }) {
      define.total.add({ controller, result });
      if (result === 'error') define.errors.add(label);
      define.time.observe(label, seconds);
      if (hasObject) define.duration.observe(object, seconds);
    },
    panicked: () => define.panics.add(label),
    forget: (object) => define.duration.remove(object),
  };
}

function queueObserver(metrics: Metrics, controller: string): WorkQueueObserver {
  const label: Labels = { controller, name: controller };
  const labels = ['controller', 'name'];
  const depthGauge = metrics.gauge({ name: 'workqueue_depth', help: 'Current depth of workqueue', labels });
  const adds = metrics.counter({
    name: 'workqueue_adds_total',
    help: 'Total number of adds handled by workqueue',
    labels,
  });
  const retries = metrics.counter({
    name: 'workqueue_retries_total',
    help: 'Total number of retries handled by workqueue',
    labels,
  });
  const waiting = metrics.histogram({
    name: 'workqueue_queue_duration_seconds',
    help: 'How long in seconds an item stays in workqueue before being requested',
    labels,
    buckets: queueBuckets,
  });
  const working = metrics.histogram({
    name: 'workqueue_work_duration_seconds',
    help: 'How long in seconds processing an item from workqueue takes.',
    labels,
    buckets: queueBuckets,
  });
  return {
    added(depth) {
      adds.add(label);
      depthGauge.set(label, depth);
    },
    started(waitedMs, depth) {
      depthGauge.set(label, depth);
      waiting.observe(label, waitedMs / 1000);
    },
    finished: (workedMs) => working.observe(label, workedMs / 1000),
    retried: () => retries.add(label),
  };
}
