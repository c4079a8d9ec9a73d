import type { Cluster } from '@flux/client';

/** What an API server has done so far, for whoever asked. */
export interface ApiServerLoad {
  cpuSeconds: number;
  /** Without watches, which stay open. */
  requests: number;
}

/** Reads the metrics of the API server; undefined where it has none, as the embedded one. */
export async function readApiServerLoad(cluster: Cluster): Promise<ApiServerLoad | undefined> {
  const { status, body } = await cluster.raw({ method: 'GET', path: '/metrics' });
  if (status !== 200 || typeof body !== 'string') return undefined;
  let requests = 0;
  for (const [, labels = '', value = ''] of body.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    if (!labels.includes('verb="WATCH"')) requests += Number(value);
  }
  return { requests, cpuSeconds: Number(/^process_cpu_seconds_total (\S+)$/m.exec(body)?.[1] ?? 0) };
}
