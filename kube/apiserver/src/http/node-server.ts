import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { gzip } from 'node:zlib';
import { ListenError } from '../errors.ts';
import type { User } from '../registry/api.ts';
import { failure } from '../status.ts';
import { encodeBody } from './encode.ts';
import { type ApiRequest, type ApiResponse, protobufType, type RequestBody, type WatchStream } from './messages.ts';
import { EventEncoder, WatchWriter } from './watch-writer.ts';

const maxBodyBytes = 3 * 1024 * 1024;
const gzipFromBytes = 128 * 1024;

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

export interface NodeServerOptions {
  host: string;
  port: number;
  certPem: string;
  keyPem: string;
  /** Authority of client certificates. */
  caPem: string;
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/** HTTPS with HTTP/2 and HTTP/1.1, as kube-apiserver offers. */
export class NodeServer {
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #encoder = new EventEncoder();
  readonly #handle: NodeServerOptions['handle'];

  private constructor(server: Http2SecureServer, handle: NodeServerOptions['handle']) {
    this.#server = server;
    this.#handle = handle;
    server.on('secureConnection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => void this.#serve(request, response));
  }

  static async listen(options: NodeServerOptions): Promise<NodeServer> {
    const { certPem, keyPem, caPem, host, port } = options;
    const server = createSecureServer({
      allowHTTP1: true,
      cert: certPem,
      key: keyPem,
      ca: [caPem],
      requestCert: true,
      // A request without a certificate may carry a token, or be anonymous.
      rejectUnauthorized: false,
      settings: { maxConcurrentStreams: 1000 },
    });
    const result = new NodeServer(server, options.handle);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, host, port)));
      server.listen(port, host, resolve);
    });
    return result;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #serve(request: Request, response: Response): Promise<void> {
    // A client that went away is no error of the server.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const body = await readBody(request);
    const answer = body === 'too large' ? tooLarge() : await this.#handle(toApiRequest(request, body));
    await this.#write(request, response, answer);
  }

  async #write(request: Request, response: Response, answer: ApiResponse): Promise<void> {
    const { body, headers, status } = answer;
    // The two response classes share this part of their interface, but not in a way the types can see.
    const out = response as ServerResponse;
    out.statusCode = status;
    for (const [name, value] of Object.entries(headers)) out.setHeader(name, value as string | string[]);
    out.setHeader('cache-control', 'no-cache, private');
    switch (body.kind) {
      case 'none':
        out.end();
        return;
      case 'text':
        out.setHeader('content-type', body.contentType);
        out.end(body.text);
        return;
      case 'object':
        out.setHeader('content-type', body.contentType);
        await sendText(request, out, encodeBody(body.value, body.mediaType, wantsPretty(request)));
        return;
      case 'watch':
        this.#stream(request, out, body.stream);
    }
  }

  #stream(request: Request, response: ServerResponse, stream: WatchStream): void {
    response.setHeader('content-type', stream.contentType);
    response.flushHeaders();
    const stop = () => stream.stop();
    response.once('close', stop);
    request.once('aborted', stop);
    const writer = new WatchWriter({
      stream,
      output: response,
      encoder: this.#encoder,
      queuedBytes: () => response.writableLength,
    });
    stream.start(writer);
  }
}

async function sendText(request: Request, response: ServerResponse, text: string): Promise<void> {
  const method = request.method;
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (method === 'HEAD') {
    response.end();
    return;
  }
  if (!wantsGzip || text.length < gzipFromBytes) {
    response.end(text);
    return;
  }
  const bytes = await new Promise<Buffer>((resolve, reject) =>
    gzip(text, { level: 1 }, (error, result) => (error ? reject(error) : resolve(result))),
  );
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'Accept-Encoding');
  response.end(bytes);
}

function wantsPretty(request: Request): boolean {
  const url = request.url ?? '';
  return /[?&]pretty=(true|1)\b/.test(url) || /^(curl|Wget|Mozilla)/i.test(String(request.headers['user-agent'] ?? ''));
}

async function readBody(request: Request): Promise<Buffer | 'too large'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += (chunk as Buffer).length;
      if (size > maxBodyBytes) return 'too large';
      chunks.push(chunk as Buffer);
    }
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): ApiResponse {
  const message = `Request entity too large: limit is ${maxBodyBytes}`;
  const { status } = failure(413, 'RequestEntityTooLarge', message, {});
  return {
    status: 413,
    headers: {},
    body: { kind: 'object', value: status, mediaType: 'application/json', contentType: 'application/json' },
  };
}

function toApiRequest(request: Request, bytes: Buffer): ApiRequest {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const identity = certificateUser(request);
  return {
    method: request.method ?? 'GET',
    path,
    query: parseQuery(question < 0 ? '' : url.slice(question + 1)),
    headers: flatHeaders(request),
    body: toBody(request, bytes),
    ...(identity ? { identity } : {}),
  };
}

export function parseQuery(text: string): Map<string, string[]> {
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = query.get(name);
    if (values) values.push(value);
    else query.set(name, [value]);
  }
  return query;
}

/** Repeated headers are joined with a comma and a space, which Impersonate-Group relies on. */
function flatHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !name.startsWith(':')) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function toBody(request: Request, bytes: Buffer): RequestBody {
  const contentType = String(request.headers['content-type'] ?? '');
  if (bytes.length === 0 && request.method !== 'POST' && request.method !== 'PATCH' && request.method !== 'PUT')
    return { kind: 'none' };
  const mediaType = contentType.split(';')[0]!.trim().toLowerCase();
  if (mediaType === protobufType && bytes.length > 0) return { kind: 'bytes', bytes, mediaType };
  return { kind: 'text', text: bytes.toString('utf8'), mediaType };
}

/** A client certificate of our authority names a user (CN) and groups (O). */
function certificateUser(request: Request): User | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name = one(subject?.CN);
  if (!name) return undefined;
  const groups = ([] as string[]).concat(subject.O ?? []);
  return { name, groups };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function describeListenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const address = `${host}:${port}`;
  const options = { cause: error };
  if (error.code === 'EADDRINUSE') return new ListenError(`${address} is already in use by another process`, options);
  if (error.code === 'EACCES') return new ListenError(`not allowed to listen on ${address}`, options);
  if (error.code === 'EADDRNOTAVAIL') return new ListenError(`${host} is no address of this machine`, options);
  return new ListenError(`cannot listen on ${address}: ${error.message}`, options);
}
