import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import type { ApiServer } from '../index.ts';

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** Talks to a server over TLS, well or badly, as tests want it. */
export class TlsClient {
  readonly #url: URL;
  readonly #ca: string;
  readonly token: string;

  constructor(server: Pick<ApiServer, 'url' | 'caPem' | 'adminKubeconfig'>) {
    this.#url = new URL(server.url);
    this.#ca = server.caPem;
    this.token = /token: (\S+)/.exec(server.adminKubeconfig())?.[1] ?? '';
  }

  send(
    method: string,
    path: string,
    options: { body?: string | Buffer; headers?: Record<string, string>; token?: string } = {},
  ): Promise<Answer> {
    const { body, headers, token = this.token } = options;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...{ host: this.#url.hostname, port: this.#url.port, ca: this.#ca, method, path, agent: false },
          headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...length, ...headers },
        },
        async (response) => {
          try {
            const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          } catch (error) {
            reject(error);
          }
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** A connection over which the test says every byte itself. */
  async open(protocol: 'http/1.1' | 'h2' = 'http/1.1'): Promise<TLSSocket> {
    const { hostname, port } = this.#url;
    const socket = connect({ host: hostname, port: Number(port), ca: this.#ca, ALPNProtocols: [protocol] });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    return socket;
  }

  session(): ClientHttp2Session {
    const session = connectHttp2(this.#url, { ca: this.#ca });
    session.on('error', () => undefined);
    return session;
  }

  headers(method: string, path: string): OutgoingHttpHeaders {
    return { ':method': method, ':path': path, authorization: `Bearer ${this.token}` };
  }
}
