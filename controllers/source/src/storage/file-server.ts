import { createReadStream, type Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, posix, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FluxError } from '@flux/errors';

/** The artifact server cannot have its address. */
export class FileServerError extends FluxError {
  override readonly code = 'FILE_SERVER';
}

export interface FileServerOptions {
  /** Only what lies below it, after symlinks, is served. */
  root: string;
  host: string;
  /** 0 takes a free port. */
  port: number;
}

export interface FileServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:9090` */
  readonly url: string;
  /** Answers under way may take 5 s more. */
  close(): Promise<void>;
}

const closeAfterMs = 5_000;

/** Serves artifacts read-only over plain HTTP, as Go's file server does (SRC-ART-10). */
export async function serveFiles(options: FileServerOptions): Promise<FileServer> {
  const root = await realpath(options.root);
  const server = createServer((request, response) => {
    respond(root, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else plain(response, 500, '500 internal server error');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new FileServerError(`file server: ${cause.message}`, { cause })));
    server.listen(options.port, options.host || undefined, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = options.host || 'localhost';
  const close = () => closeServer(server);
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { host, port, url, close, [Symbol.asyncDispose]: close };
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), closeAfterMs);
  await closed;
  clearTimeout(timer);
}

async function respond(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return plain(response, 405, '405 method not allowed');
  }
  const path = decodePath(request.url ?? '/');
  if (path === undefined) return plain(response, 400, '400 bad request');
  if (path.endsWith('/index.html')) return redirect(response, './');
  const file = await locate(root, path);
  if (file === undefined) return plain(response, 404, '404 page not found');
  if (!file.stats.isDirectory()) {
    return path.endsWith('/') ? redirect(response, `../${basename(path)}`) : sendFile(file, request, response);
  }
  if (!path.endsWith('/')) return redirect(response, `${basename(path)}/`);
  const index = await locate(root, `${path}index.html`);
  return index?.stats.isFile() ? sendFile(index, request, response) : sendListing(file.path, request, response);
}

interface Located {
  path: string;
  stats: Stats;
}

/** `+` and `:` are accepted raw or escaped; `..` is clamped to the root. */
function decodePath(url: string): string | undefined {
  try {
    const decoded = decodeURIComponent(url.split('?', 1)[0] ?? '/');
    return decoded.includes('\0') ? undefined : posix.normalize(`/${decoded}`);
  } catch {
    return undefined;
  }
}

async function locate(root: string, path: string): Promise<Located | undefined> {
  try {
    const real = await realpath(join(root, path));
    if (real !== root && !real.startsWith(root + sep)) return undefined;
    const stats = await stat(real);
    return stats.isFile() || stats.isDirectory() ? { path: real, stats } : undefined;
  } catch {
    return undefined;
  }
}

async function sendFile({ path, stats }: Located, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const modified = new Date(Math.floor(stats.mtimeMs / 1000) * 1000);
  response.setHeader('last-modified', modified.toUTCString());
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  if (!Number.isNaN(since) && modified.getTime() <= since) {
    response.writeHead(304).end();
    return;
  }
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('content-type', contentType(path));
  const range = readRange(request.headers.range, stats.size);
  if (range === 'invalid') {
    response.setHeader('content-range', `bytes */${stats.size}`);
    return plain(response, 416, 'invalid range: failed to overlap');
  }
  const { start, end } = range ?? { start: 0, end: stats.size - 1 };
  if (range) response.setHeader('content-range', `bytes ${start}-${end}/${stats.size}`);
  response.setHeader('content-length', end - start + 1);
  response.writeHead(range ? 206 : 200);
  if (request.method === 'HEAD' || stats.size === 0) response.end();
  else await pipeline(createReadStream(path, { start, end }), response);
}

/** One range; several, and what is no range, get the whole file. */
function readRange(header: string | undefined, size: number): { start: number; end: number } | 'invalid' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'invalid' : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size) return 'invalid';
  return end < start ? undefined : { start, end };
}

function contentType(path: string): string {
  if (/\.(tar\.gz|tgz)$/.test(path)) return 'application/gzip';
  return /\.(ya?ml|json|txt)$/.test(path) ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}

async function sendListing(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  const lines = names.map(
    (name) =>
      `<a href="${encodeURI(`./${name}`).slice(2).replace(/[?#]/g, encodeURIComponent)}">${escapeHtml(name)}</a>\n`,
  );
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  const head = '<!doctype html>\n<meta name="viewport" content="width=device-width">\n';
  response.end(request.method === 'HEAD' ? undefined : `${head}<pre>\n${lines.join('')}</pre>\n`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;');
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { location: encodeURI(location) }).end();
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(`${text}\n`);
}
