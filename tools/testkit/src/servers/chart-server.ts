import type { IncomingMessage, ServerResponse } from 'node:http';
import { sha256Hex } from '@flux/crypto';
import { memoryFileSystem } from '@flux/fs';
import { type Chart, loadChartFolder, packageChart } from '@flux/helm';
import { formatYaml } from '@flux/yaml';
import { type BasicAuth, refuseStranger } from './basic-auth.ts';
import { type ServerTls, serveHttp, type TestHttpServer } from './serve-http.ts';

export interface ChartServerOptions {
  /** Basic auth of everything. */
  auth?: BasicAuth;
  /** The server speaks https then. */
  tls?: ServerTls;
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
export interface ChartServer extends TestHttpServer {
  readonly requests: ChartRequest[];
  /** Packages a chart of these files and writes the index of the repository again. Gives back the archive. */
  addChart(files: Readonly<Record<string, string | Uint8Array>>, repository?: string): Promise<Uint8Array>;
  /** Serves any other content. */
  put(path: string, content: string | Uint8Array): void;
  remove(path: string): void;
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
  const server = await serveHttp((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').split('?', 1)[0] ?? '/').replace(/^\/+/, '');
    const bytes = respond(request, response, files.get(path), options);
    requests.push({ path, headers: request.headers, status: response.statusCode, bytes });
  }, options.tls);
  return {
    ...server,
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
  };
}

/** Dates are fixed, so that the same charts have the same index. */
const created = '2026-01-01T00:00:00Z';

function entryOf({ metadata }: Chart, archive: Uint8Array): object {
  return { ...metadata, created, digest: sha256Hex(archive), urls: [`${metadata.name}-${metadata.version}.tgz`] };
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
  if (refuseStranger(auth, request, response)) return 0;
  if (!content) {
    response.writeHead(404).end('404 page not found\n');
    return 0;
  }
  const etag = `"${sha256Hex(content)}"`;
  if (etags && request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return 0;
  }
  response.writeHead(200, { 'content-length': content.length, ...(etags ? { etag } : {}) }).end(content);
  return content.length;
}
