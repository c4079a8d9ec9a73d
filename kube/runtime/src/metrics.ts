export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  add(labels: Labels, value?: number): void;
  remove(labels: Labels): void;
}

export interface Gauge {
  set(labels: Labels, value: number): void;
  add(labels: Labels, value: number): void;
  remove(labels: Labels): void;
}

export interface Histogram {
  observe(labels: Labels, value: number): void;
  remove(labels: Labels): void;
}

export interface MetricOptions {
  name: string;
  help: string;
  labels: readonly string[];
}

/** A registry of Prometheus metrics. Asking twice for a name gives the same metric. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  gauge(options: MetricOptions): Gauge;
  histogram(options: MetricOptions & { buckets: readonly number[] }): Histogram;
  /** The exposition text and its content type. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

const nothing = { add() {}, set() {}, observe() {}, remove() {} };

/** Counts nothing; for processes without a metrics address. */
export const noMetrics: Metrics = {
  counter: () => nothing,
  gauge: () => nothing,
  histogram: () => nothing,
  scrape: () => Promise.resolve({ contentType: 'text/plain', text: '' }),
};

/** `count` buckets from `min` to `max`, each the same factor larger, as prometheus.ExponentialBucketsRange. */
export function exponentialBuckets(min: number, max: number, count: number): number[] {
  const factor = (max / min) ** (1 / (count - 1));
  return Array.from({ length: count }, (_, i) => min * factor ** i);
}
