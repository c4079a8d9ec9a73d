import { readUsage } from '../measure.ts';
import { inParallel } from '../until-ready.ts';
import { configMap, namespace } from './applies.ts';
import { openWatch, rawTarget } from './raw-requests.ts';
import type { MeasuredServer } from './servers.ts';

export interface FanOut {
  /** Delivered, over all watches, while writes come as fast as they can. */
  eventsPerSecond: number;
  /** From a write to the last of all watches, the middle one. */
  latenciesMs: number[];
  /** What one watch adds to the resident memory of the server, in KiB. */
  kibPerWatch: number;
}

const pacedWrites = 30;
const burstWrites = 150;
const burstConcurrency = 4;

/** Opens watches on one namespace and counts what arrives of changes to one object. */
export async function measureFanOut(server: MeasuredServer, watches: number, round: number): Promise<FanOut> {
  const { cluster, kubeconfig } = server;
  const target = await rawTarget(kubeconfig);
  const name = `watched-${round}`;
  await cluster.create(configMap(name, '0'));
  const { metadata } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace, limit: 1 });
  const path = `/api/v1/namespaces/${namespace}/configmaps?watch=1&resourceVersion=${metadata.resourceVersion}`;
  const before = readUsage(server.pid)?.residentMiB ?? 0;
  const counter = new Counter();
  const closes: (() => void)[] = [];
  await inParallel([...Array(watches).keys()], async () => {
    closes.push(await openWatch(target, path, (lines) => counter.add(lines)));
  });
  const kibPerWatch = (((readUsage(server.pid)?.residentMiB ?? 0) - before) * 1024) / watches;
  const change = (value: string) =>
    cluster.patch({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name }, 'merge', { data: { value } });
  const latenciesMs: number[] = [];
  for (let write = 0; write < pacedWrites; write++) {
    const start = performance.now();
    const arrived = counter.next(watches);
    await change(`paced ${write}`);
    await arrived;
    latenciesMs.push(performance.now() - start);
  }
  const start = performance.now();
  const arrived = counter.next(watches * burstWrites);
  const values = Array.from({ length: burstWrites }, (_, write) => `burst ${write}`);
  await inParallel(values, change, burstConcurrency);
  await arrived;
  const eventsPerSecond = (watches * burstWrites * 1000) / (performance.now() - start);
  for (const close of closes) close();
  return { eventsPerSecond, latenciesMs, kibPerWatch };
}

/** Tells when so many more events have come. */
class Counter {
  #count = 0;
  #waiting: { until: number; resolve: () => void } | undefined;

  add(count: number): void {
    this.#count += count;
    if (this.#waiting && this.#count >= this.#waiting.until) this.#waiting.resolve();
  }

  next(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { until: this.#count + count, resolve };
    return promise;
  }
}
