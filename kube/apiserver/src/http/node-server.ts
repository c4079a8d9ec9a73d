import type { ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gzip } from 'node:zlib';
import { ListenError } from '../errors.ts';
import type { User } from '../registry/api.ts';
import { Connections } from './connections.ts';
import { encodeBody } from './encode.ts';
import { defaultLimits, Load, type ServerLimits, tooManyRequests } from './load-limits.ts';
import type { ApiRequest, ApiResponse, RequestHead, WatchStream } from './messages.ts';
import { type Request, readHead, receiveBody, toBody, tooLarge } from './receive.ts';
import { watchOutput } from './watch-output.ts';
import { EventEncoder, WatchWriter } from './watch-writer.ts';

const gzipFromBytes = 128 * 1024;

type Response = ServerResponse | Http2ServerResponse;

export interface NodeServerOptions {
  host: string;
  port: number;
  certPem: string;
  keyPem: string;
  /** Authority of client certificates. */
  caPem: string;
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** Who sends a request, or the answer to it when its head is enough to refuse it; its body is not read then. */
  identify(head: RequestHead): { user?: User; refusal?: ApiResponse };
  limits?: Partial<ServerLimits>;
}

/**
 * HTTPS with HTTP/2 and HTTP/1.1, as kube-apiserver offers. What clients may cost is bounded: connections, requests at once,
 * memory of bodies and of watches that are not read, and the time that a slow client may take.
 */
export class NodeServer {
  readonly #server: Http2SecureServer;
  readonly #options: NodeServerOptions;
  readonly #limits: ServerLimits;
  readonly #connections: Connections;
  readonly #load: Load;
  readonly #encoder = new EventEncoder();

  private constructor(server: Http2SecureServer, options: NodeServerOptions, limits: ServerLimits) {
    this.#server = server;
    this.#options = options;
    this.#limits = limits;
    this.#load = new Load(limits);
    this.#connections = new Connections(server, limits);
    server.maxConnections = limits.connections;
    server.on('request', (request, response) => {
      // Nothing that goes wrong with one answer may end the process.
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  static async listen(options: NodeServerOptions): Promise<NodeServer> {
    const { certPem, keyPem, caPem, host, port } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const server = createSecureServer({
      allowHTTP1: true,
      cert: certPem,
      key: keyPem,
      ca: [caPem],
      requestCert: true,
      // A request without a certificate may carry a token, or be anonymous.
      rejectUnauthorized: false,
      settings: { maxConcurrentStreams: 1000 },
      handshakeTimeout: limits.headMs,
      // These are for HTTP/1.1; the types know them only for plain servers.
      ...{
        headersTimeout: limits.headMs,
        requestTimeout: limits.headMs + limits.bodyMs,
        keepAliveTimeout: limits.idleMs,
        connectionsCheckingInterval: Math.max(20, limits.headMs / 4),
      },
    });
    const result = new NodeServer(server, options, limits);
    await new Promise<void>((resolve, reject) => {
      // Errors that come later, as when no file descriptor is left for a connection, must not end the process.
      server.on('error', (error: NodeJS.ErrnoException) => reject(describeListenError(error, host, port)));
      server.listen(port, host, resolve);
    });
    return result;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#connections.close();
    await closed;
  }

  async #serve(request: Request, response: Response): Promise<void> {
    // A client that went away is no error of the server.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const head = readHead(request);
    const refused = this.#load.enter() ? undefined : tooManyRequests();
    try {
      const { user, refusal } = refused ? {} : this.#options.identify(head);
      const early = refused ?? refusal;
      if (early) return await this.#writeUnread(request, response, early);
      const body = await receiveBody(request, this.#load, this.#limits);
      if (body === 'gone') return;
      if (body === 'too large') {
        return await this.#writeUnread(request, response, tooLarge(this.#limits.bodyBytes));
      }
      if (body === 'too many') return await this.#writeUnread(request, response, tooManyRequests());
      const sent = { ...head, ...(user ? { user } : {}), body: toBody(request, body) };
      await this.#write(request, response, await this.#options.handle(sent));
    } finally {
      if (!refused) this.#load.leave();
    }
  }

  /** Answers a request whose body was not read to its end. Of HTTP/1.1 Node throws away what still comes, for a while. */
  async #writeUnread(request: Request, response: Response, answer: ApiResponse): Promise<void> {
    await this.#write(request, response, answer);
    if (!request.complete && 'stream' in response) response.stream.close();
  }

  async #write(request: Request, response: Response, answer: ApiResponse): Promise<void> {
    const { body, headers, status } = answer;
    // The two response classes share this part of their interface, but not in a way the types can see.
    const out = response as ServerResponse;
    if (body.kind === 'watch' && !this.#load.enterWatch()) {
      return await this.#write(request, response, tooManyRequests());
    }
    out.statusCode = status;
    for (const [name, value] of Object.entries(headers)) out.setHeader(name, headerValue(value));
    out.setHeader('cache-control', 'no-cache, private');
    switch (body.kind) {
      case 'none':
        out.end();
        return;
      case 'text':
        out.setHeader('content-type', body.contentType);
        out.end(body.text);
        return;
      case 'bytes':
        out.setHeader('content-type', body.contentType);
        await send(request, out, body.bytes);
        return;
      case 'object':
        out.setHeader('content-type', body.contentType);
        await send(request, out, encodeBody(body.value, body.mediaType, wantsPretty(request)));
        return;
      case 'watch':
        this.#stream(request, out, body.stream);
    }
  }

  #stream(request: Request, response: ServerResponse, stream: WatchStream): void {
    response.setHeader('content-type', stream.contentType);
    response.once('close', () => {
      stream.stop();
      this.#load.leaveWatch();
    });
    request.once('aborted', () => stream.stop());
    response.flushHeaders();
    new WatchWriter({ stream, output: watchOutput(request, response), encoder: this.#encoder }).start();
  }
}

/** Header texts are UTF-8 as Go writes them; Node takes each byte as a character. */
function headerValue(value: string | readonly string[]): string | string[] {
  const encode = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
  return typeof value === 'string' ? encode(value) : value.map(encode);
}

async function send(request: Request, response: ServerResponse, content: string | Buffer): Promise<void> {
  const method = request.method;
  const wantsGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  if (method === 'HEAD') {
    response.end();
    return;
  }
  if (!wantsGzip || content.length < gzipFromBytes) {
    response.end(content);
    return;
  }
  const bytes = await new Promise<Buffer>((resolve, reject) =>
    gzip(content, { level: 1 }, (error, result) => (error ? reject(error) : resolve(result))),
  );
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'Accept-Encoding');
  response.end(bytes);
}

function wantsPretty(request: Request): boolean {
  const url = request.url ?? '';
  return /[?&]pretty=(true|1)\b/.test(url) || /^(curl|Wget|Mozilla)/i.test(String(request.headers['user-agent'] ?? ''));
}

function describeListenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const address = `${host}:${port}`;
  const options = { cause: error };
  if (error.code === 'EADDRINUSE') return new ListenError(`${address} is already in use by another process`, options);
  if (error.code === 'EACCES') return new ListenError(`not allowed to listen on ${address}`, options);
  if (error.code === 'EADDRNOTAVAIL') return new ListenError(`${host} is no address of this machine`, options);
  return new ListenError(`cannot listen on ${address}: ${error.message}`, options);
}
