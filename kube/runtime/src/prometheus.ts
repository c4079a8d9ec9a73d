import type { Counter, Gauge, Histogram, Labels, MetricOptions, Metrics } from './metrics.ts';

type PromClient = typeof import('prom-client');

/** Metrics kept by prom-client, which is loaded here and nowhere else; process metrics are included. */
export async function prometheusMetrics(): Promise<Metrics> {
  const client = await import('prom-client');
  const registry = new client.Registry();
  client.collectDefaultMetrics({ register: registry });
  return new Prometheus(client, registry);
}

class Prometheus implements Metrics {
  readonly #client: PromClient;
  readonly #registry: InstanceType<PromClient['Registry']>;
  readonly #known = new Map<string, unknown>();

  constructor(client: PromClient, registry: InstanceType<PromClient['Registry']>) {
    this.#client = client;
    this.#registry = registry;
  }

  counter(options: MetricOptions): Counter {
    return this.#once(options.name, () => {
      const counter = new this.#client.Counter(this.#configuration(options));
      return {
        add: (labels: Labels, value = 1) => counter.inc({ ...labels }, value),
        remove: (labels: Labels) => counter.remove({ ...labels }),
      };
    });
  }

  gauge(options: MetricOptions): Gauge {
    return this.#once(options.name, () => {
      const gauge = new this.#client.Gauge(this.#configuration(options));
      return {
        set: (labels: Labels, value: number) => gauge.set({ ...labels }, value),
        add: (labels: Labels, value: number) => gauge.inc({ ...labels }, value),
        remove: (labels: Labels) => gauge.remove({ ...labels }),
      };
    });
  }

  histogram(options: MetricOptions & { buckets: readonly number[] }): Histogram {
    return this.#once(options.name, () => {
      const histogram = new this.#client.Histogram({ ...this.#configuration(options), buckets: [...options.buckets] });
      return {
        observe: (labels: Labels, value: number) => histogram.observe({ ...labels }, value),
        remove: (labels: Labels) => histogram.remove({ ...labels }),
      };
    });
  }

  async scrape(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #configuration({ name, help, labels }: MetricOptions) {
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }

  #once<T>(name: string, make: () => T): T {
    const known = this.#known.get(name);
    if (known !== undefined) return known as T;
    const made = make();
    this.#known.set(name, made);
    return made;
  }
}
