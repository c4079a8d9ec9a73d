import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { memoryFileSystem } from '@flux/fs';
import { type Chart, loadChartFolder, packageChart } from '@flux/helm';
import { formatYaml } from '@flux/yaml';

export interface ChartServerOptions {
  /** Basic auth of everything. */
  auth?: { username: string; password: string };
  /** PEM; the server speaks https then. */
  tls?: { cert: string; key: string; ca?: string };
  /** False answers without ETags. */
  etags?: boolean;
}

/** A request as it came, with the answer's status and size. */
export interface ChartRequest {
  readonly path: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  readonly status: number;
  readonly bytes: number;
}

/** A Helm repository, or several below one address, whose index follows from the charts that were added. */
export interface ChartServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly requests: ChartRequest[];
  /** Packages a chart of these files and writes the index of the repository again. Gives back the archive. */
  addChart(files: Readonly<Record<string, string | Uint8Array>>, repository?: string): Promise<Uint8Array>;
  /** Serves any other content. */
  put(path: string, content: string | Uint8Array): void;
  remove(path: string): void;
  close(): Promise<void>;
}

/** Packages the files of a chart, named from its root. */
export async function packChart(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<{ chart: Chart; archive: Uint8Array }> {
  const fs = memoryFileSystem(
    Object.fromEntries(Object.entries(files).map(([path, data]) => [`/chart/${path}`, data])),
  );
  const chart = await loadChartFolder(fs, '/chart');
  return { chart, archive: await packageChart(chart) };
}

/** Starts a chart repository on a free port of the loopback. */
export async function serveCharts(options: ChartServerOptions = {}): Promise<ChartServer> {
  const files = new Map<string, Buffer>();
  const entries = new Map<string, Map<string, object[]>>();
  const requests: ChartRequest[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent((request.url ?? '/').split('?', 1)[0] ?? '/').replace(/^\/+/, '');
    const bytes = respond(request, response, files.get(path), options);
    requests.push({ path, headers: request.headers, status: response.statusCode, bytes });
  };
  const { tls } = options;
  const server = tls
    ? createTlsServer({ ...tls, ...(tls.ca ? { requestCert: true } : {}) }, listener)
    : createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => closeServer(server);
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async addChart(content, repository = '') {
      const { chart, archive } = await packChart(content);
      const { name, version } = chart.metadata;
      const prefix = repository === '' ? '' : `${repository}/`;
      const charts = entries.get(repository) ?? new Map<string, object[]>();
      entries.set(repository, charts);
      files.set(`${prefix}${name}-${version}.tgz`, Buffer.from(archive));
      charts.set(name, [entryOf(chart, archive), ...(charts.get(name) ?? [])]);
      files.set(`${prefix}index.yaml`, Buffer.from(formatYaml(indexOf(charts))));
      return archive;
    },
    put: (path, content) => void files.set(path, Buffer.from(content)),
    remove: (path) => void files.delete(path),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Dates are fixed, so that the same charts have the same index. */
const created = '2026-01-01T00:00:00Z';

function entryOf({ metadata }: Chart, archive: Uint8Array): object {
  const digest = createHash('sha256').update(archive).digest('hex');
  return { ...metadata, created, digest, urls: [`${metadata.name}-${metadata.version}.tgz`] };
}

function indexOf(charts: ReadonlyMap<string, object[]>): object {
  return { apiVersion: 'v1', entries: Object.fromEntries(charts), generated: created };
}

/** Bytes that were sent. */
function respond(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer | undefined,
  { auth, etags = true }: ChartServerOptions,
): number {
  const expected = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  if (expected && request.headers.authorization !== expected) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="charts"' }).end('Unauthorized');
    return 0;
  }
  if (!content) {
    response.writeHead(404).end('404 page not found\n');
    return 0;
  }
  const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
  if (etags && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return 0;
  }
  response.writeHead(200, { 'content-length': content.length, ...(etags ? { etag } : {}) }).end(content);
  return content.length;
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
