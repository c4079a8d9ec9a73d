import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FluxError } from '@flux/errors';
import type { Metrics } from './metrics.ts';

/** An address to listen on cannot be used. */
export class ListenError extends FluxError {
  override readonly code = 'LISTEN';
}

export interface ProbeServer extends AsyncDisposable {
  /** `host:port` that it listens on. */
  readonly address: string;
}

type Route = () => Promise<{ status: number; contentType: string; text: string }>;

/** `/healthz` and `/readyz` for the kubelet (`--health-addr`). */
export function serveHealth(address: string, checks: { isReady(): boolean }): Promise<ProbeServer> {
  const check = (isGood: () => boolean): Route => {
    return () =>
      Promise.resolve({ status: isGood() ? 200 : 500, contentType: 'text/plain', text: isGood() ? 'ok' : 'not ready' });
  };
  return serve(address, { '/healthz': check(() => true), '/readyz': check(checks.isReady) });
}

/** `/metrics` for Prometheus (`--metrics-addr`). */
export function serveMetrics(address: string, metrics: Metrics): Promise<ProbeServer> {
  return serve(address, { '/metrics': async () => ({ status: 200, ...(await metrics.scrape()) }) });
}

async function serve(address: string, routes: Readonly<Record<string, Route>>): Promise<ProbeServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/[?#].*$/, '').replace(/(.)\/$/, '$1');
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!route || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(route ? 405 : 404).end();
      return;
    }
    route().then(
      ({ status, contentType, text }) => response.writeHead(status, { 'content-type': contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  const bound = await listen(server, address);
  return {
    address: bound,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, address: string): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  if (colon < 0 || !Number.isInteger(port))
    return Promise.reject(new ListenError(`invalid address "${address}", expected host:port`));
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new ListenError(`cannot listen on ${address}: ${cause.message}`, { cause })),
    );
    server.listen(port, host === '' ? undefined : host, () => {
      const bound = server.address() as AddressInfo;
      resolve(`${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`);
    });
  });
}
