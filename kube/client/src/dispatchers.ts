import type { Dispatcher } from 'undici';
import { currentText } from './changing-file.ts';
import type { Connection, Identity } from './connection.ts';

type Purpose = 'requests' | 'streams';

interface DispatcherOptions {
  connections: number;
  timeoutMs: number;
  allowH2: boolean;
}

/**
 * The connection pools of one API server: one for requests, and one without a limit for watches, so that open watches never
 * hold up a request. A new client certificate or authority makes new pools; the old ones end when their requests have ended.
 */
export class DispatcherSet {
  readonly #connection: Connection;
  readonly #options: DispatcherOptions;
  readonly #pools = new Map<Purpose, Promise<Dispatcher>>();
  #certificate: Identity['certificate'];
  #ca: string | undefined;
  #send: Promise<typeof import('undici/lib/api/api-request.js')> | undefined;
  #closed = false;

  constructor(connection: Connection, options: DispatcherOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  async request(
    purpose: Purpose,
    certificate: Identity['certificate'],
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData> {
    const ca = this.#connection.tls?.ca;
    const dispatcher = await this.#get(purpose, certificate, ca === undefined ? ca : await currentText(ca));
    this.#send ??= import('undici/lib/api/api-request.js');
    const { default: request } = await this.#send;
    return request.call(dispatcher, options);
  }

  #get(purpose: Purpose, certificate: Identity['certificate'], ca: string | undefined): Promise<Dispatcher> {
    if (this.#closed) return Promise.reject(new Error('the connection to the cluster is closed'));
    const { cert, key } = this.#certificate ?? {};
    if (certificate?.cert !== cert || certificate?.key !== key || ca !== this.#ca) {
      for (const pool of this.#pools.values()) void pool.then((dispatcher) => dispatcher.close());
      this.#pools.clear();
      this.#certificate = certificate;
      this.#ca = ca;
    }
    let pool = this.#pools.get(purpose);
    if (!pool) {
      pool = this.#open(purpose);
      this.#pools.set(purpose, pool);
    }
    return pool;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pools = await Promise.all(this.#pools.values());
    this.#pools.clear();
    await Promise.all(pools.map((dispatcher) => dispatcher.destroy()));
  }

  /** Loads the pool alone where no proxy is in between: all of undici is most of the start of a command. */
  async #open(purpose: Purpose): Promise<Dispatcher> {
    const server = new URL(this.#connection.server);
    const { timeoutMs, allowH2 } = this.#options;
    const connections = purpose === 'requests' ? this.#options.connections : null;
    const shared = {
      connections,
      pipelining: 1,
      allowH2,
      headersTimeout: timeoutMs,
      bodyTimeout: purpose === 'requests' ? timeoutMs : 0,
      keepAliveTimeout: 60_000,
    };
    const tls = this.#tlsOptions();
    if (this.#connection.proxyUrl !== undefined) return openProxy(this.#connection.proxyUrl, shared, tls);
    const { default: Pool } = await import('undici/lib/dispatcher/pool.js');
    return new Pool(server.origin, { ...shared, connect: { ...tls, timeout: 30_000 } });
  }

  #tlsOptions(): TlsOptions {
    const tls = this.#connection.tls ?? {};
    return {
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
      ...(tls.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
      ...(this.#certificate ?? {}),
    };
  }
}

interface TlsOptions {
  ca?: string;
  servername?: string;
  rejectUnauthorized?: boolean;
  cert?: string;
  key?: string;
}

async function openProxy(proxyUrl: string, shared: PoolOptions, tls: TlsOptions): Promise<Dispatcher> {
  const { ProxyAgent, Socks5ProxyAgent } = await import('undici');
  if (proxyUrl.startsWith('socks5:')) return new Socks5ProxyAgent(proxyUrl, { ...shared, requestTls: tls });
  return new ProxyAgent({ ...shared, uri: proxyUrl, requestTls: tls });
}

interface PoolOptions {
  connections: number | null;
  pipelining: number;
  allowH2: boolean;
  headersTimeout: number;
  bodyTimeout: number;
  keepAliveTimeout: number;
}
