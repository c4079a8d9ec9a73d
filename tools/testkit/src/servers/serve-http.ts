import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface TestHttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or https */
  readonly url: string;
  close(): Promise<void>;
}

/** PEM; with an authority certificates of clients are asked for. */
export interface ServerTls {
  cert: string;
  key: string;
  ca?: string;
}

/** Listens on a free port of the loopback, with https where there is a certificate; closing cuts what is connected. */
export async function serveHttp(listener: RequestListener, tls?: ServerTls): Promise<TestHttpServer> {
  const server = tls
    ? createTlsServer({ ...tls, requestCert: tls.ca !== undefined }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  const { port } = server.address() as AddressInfo;
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, close, [Symbol.asyncDispose]: close };
}
