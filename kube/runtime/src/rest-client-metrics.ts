import { exponentialBuckets, type Metrics } from './metrics.ts';

/** Counts requests to the API server under client-go's names; the result is `onExchange` of the transport. */
export function restClientMetrics(
  metrics: Metrics,
  host: string,
): (exchange: { method: string; status: number | undefined; seconds: number }) => void {
  const total = metrics.counter({
    name: 'rest_client_requests_total',
    help: 'Number of HTTP requests, partitioned by status code, method, and host.',
    labels: ['code', 'method', 'host'],
  });
  const duration = metrics.histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Request latency in seconds. Broken down by verb, and host.',
    labels: ['verb', 'host'],
    buckets: exponentialBuckets(0.005, 60, 12),
  });
  return ({ method, status, seconds }) => {
    total.add({ code: status === undefined ? '<error>' : String(status), method, host });
    duration.observe({ verb: method, host }, seconds);
  };
}
