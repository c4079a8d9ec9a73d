import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type CertifiedKey, createAuthority, issueCertificate } from '@flux/crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Transport, TransportResponse } from './cluster.ts';
import type { Connection } from './connection.ts';
import { type HttpTransportOptions, httpTransport } from './http-transport.ts';

let authority: CertifiedKey;
let own: CertifiedKey;
let disposal: AsyncDisposableStack;

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'ca', days: 1 });
  own = await issueCertificate(authority, { commonName: 's', days: 1, dnsNames: ['api.test'], usage: 'server' });
  disposal = new AsyncDisposableStack();
});

afterEach(async () => {
  await disposal.disposeAsync();
  disposal = new AsyncDisposableStack();
});

afterAll(() => disposal.disposeAsync());

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  disposal.defer(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const echo: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify([request.headers.host, request.headers['accept-encoding'] ?? null, request.httpVersion]));
};

function api(listener: RequestListener = echo): Promise<number> {
  return listen(createTlsServer({ cert: own.certPem, key: own.keyPem }, listener));
}

function transport(connection: Connection, options: HttpTransportOptions = {}): Transport {
  const made = httpTransport({ ...connection, tls: { ca: authority.certPem, ...connection.tls } }, options);
  disposal.defer(() => made.close());
  return made;
}

function get(from: Transport): Promise<TransportResponse> {
  return from.send({ method: 'GET', path: '/' });
}

/** Joins two sockets and forgets their failures: the other side tells. */
function join(client: Socket, port: number): void {
  const target = connect(port, '127.0.0.1');
  for (const socket of [client, target]) socket.on('error', () => socket.destroy());
  client.pipe(target).pipe(client);
}

async function connectProxy(seen: string[], tls?: CertifiedKey): Promise<number> {
  const port = await api();
  const server = tls ? createTlsServer({ cert: tls.certPem, key: tls.keyPem }) : createServer();
  server.on('connect', (request, client: Socket) => {
    seen.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    join(client, port);
  });
  return listen(server);
}

test('an HTTP proxy is asked for a tunnel, with its user; TLS is spoken to the server behind it', async () => {
  const seen: string[] = [];
  const proxyUrl = `http://me:pw@127.0.0.1:${await connectProxy(seen)}`;
  const { body } = await get(transport({ server: 'https://api.test', proxyUrl }));

  expect(body).toEqual(['api.test', 'gzip', '1.1']);
  expect(seen).toEqual([`api.test:443 Basic ${btoa('me:pw')}`]);
});

test('a SOCKS proxy is asked for the name of the server', async () => {
  const target = await api();
  const seen: string[] = [];
  const proxy = createSocketServer((client) => {
    client.once('data', () => {
      client.write(Buffer.from([5, 0]));
      client.once('data', (request) => {
        seen.push(request.subarray(5, request.length - 2).toString());
        client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
        join(client, target);
      });
    });
  });
  const proxyUrl = `socks5://127.0.0.1:${await listen(proxy)}`;

  expect((await get(transport({ server: 'https://api.test', proxyUrl }))).body).toEqual(['api.test', 'gzip', '1.1']);
  expect(seen).toEqual(['api.test']);
});

test('a server under another name is refused, unless tls-server-name or insecure-skip-tls-verify says so', async () => {
  const server = `https://127.0.0.1:${await api()}`;

  await expect(get(transport({ server }))).rejects.toThrow('is not made for this name; set tls-server-name');
  expect((await get(transport({ server, tls: { serverName: 'api.test' } }))).status).toBe(200);
  expect((await get(transport({ server, tls: { insecureSkipVerify: true } }))).status).toBe(200);
});

test('packed answers are unpacked, under the limit of what comes out', async () => {
  const port = await api((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(JSON.stringify({ text: 'x'.repeat(100_000) })));
  });
  const connection = { server: `https://127.0.0.1:${port}`, tls: { serverName: 'api.test' } };

  expect((await get(transport(connection))).body).toEqual({ text: 'x'.repeat(100_000) });
  await expect(get(transport(connection, { maxResponseBytes: 50_000, maxAttempts: 1 }))).rejects.toThrow(
    'larger than 50000 bytes',
  );
});

test('a packed answer that ends early is an error', async () => {
  const packed = gzipSync(JSON.stringify({ text: 'x'.repeat(1000) }));
  const port = await api((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(packed.subarray(0, packed.length - 10));
  });
  const from = transport({ server: `https://127.0.0.1:${port}`, tls: { serverName: 'api.test' } });

  await expect(get(from)).rejects.toMatchObject({ code: 'CONNECTION' });
});

test('nothing is packed on the loopback, nor with disable-compression', async () => {
  const server = `https://127.0.0.1:${await api()}`;
  const proxyUrl = `http://127.0.0.1:${await connectProxy([])}`;

  expect((await get(transport({ server, tls: { serverName: 'api.test' } }))).body).toMatchObject({ 1: null });
  const far = await get(transport({ server: 'https://api.test', proxyUrl, disableCompression: true }));
  expect(far.body).toMatchObject({ 0: 'api.test', 1: null });
});

test('HTTP/2 is spoken only when asked for', async () => {
  const h2 = createSecureServer({ cert: own.certPem, key: own.keyPem, allowHTTP1: true }, (request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.httpVersion));
  });
  const connection = { server: `https://127.0.0.1:${await listen(h2)}`, tls: { serverName: 'api.test' } };

  expect((await get(transport(connection))).body).toBe('1.1');
  expect((await get(transport(connection, { allowH2: true }))).body).toBe('2.0');
});

test('connections are kept: ten requests in a row use the same one or two', async () => {
  let connections = 0;
  const server = createServer(echo).on('connection', () => connections++);
  const from = transport({ server: `http://127.0.0.1:${await listen(server)}` });
  for (let i = 0; i < 10; i++) await get(from);

  // A connection is free again only in the next turn of the event loop, when the next request may have taken another.
  expect(connections).toBeLessThanOrEqual(2);
});

test('an abort ends a request, a wait for a retry and a watch that has not been answered', async () => {
  const arrivals: string[] = [];
  const arrived = new EventTarget();
  const server = createServer((request, response) => {
    arrivals.push(request.url ?? '');
    if (request.url?.startsWith('/later')) {
      response.writeHead(429, { 'retry-after': '60' });
      response.end();
    }
    arrived.dispatchEvent(new Event('request'));
  });
  const from = transport({ server: `http://127.0.0.1:${await listen(server)}` });
  const aborted = async (start: (signal: AbortSignal) => Promise<unknown>) => {
    const abort = new AbortController();
    const request = once(arrived, 'request');
    const settled = start(abort.signal).catch((error: unknown) => error);
    await request;
    abort.abort(new Error('stop'));
    return settled;
  };

  expect(await aborted((signal) => from.send({ method: 'GET', path: '/never', signal }))).toMatchObject({
    message: 'stop',
  });
  expect(await aborted((signal) => from.send({ method: 'GET', path: '/later', signal }))).toMatchObject({
    message: 'stop',
  });
  expect(await aborted((signal) => Array.fromAsync(from.stream({ method: 'GET', path: '/w', signal })))).toEqual([]);
  expect(arrivals).toEqual(['/never', '/later', '/w']);
});
