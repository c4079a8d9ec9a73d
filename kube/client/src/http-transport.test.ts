import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Transport } from './cluster.ts';
import type { Credentials } from './connection.ts';
import { type HttpTransportOptions, httpTransport } from './http-transport.ts';

const open: { server: Server; transport?: Transport }[] = [];

afterEach(async () => {
  for (const { server, transport } of open.splice(0)) {
    await transport?.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function transportTo(
  handler: Handler,
  options: HttpTransportOptions & { credentials?: Credentials; path?: string } = {},
): Promise<Transport> {
  let count = 0;
  const server = createServer((request, response) => handler(request, response, ++count));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.path ?? ''}`;
  const transport = httpTransport(
    { server: url, ...(options.credentials ? { credentials: options.credentials } : {}) },
    options,
  );
  open.push({ server, transport });
  return transport;
}

function answer(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

test('a request carries query, repeated headers and a JSON body below the path of the server', async () => {
  const transport = await transportTo(
    (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => answer(response, 200, { url: request.url, headers: request.rawHeaders, body }));
    },
    { path: '/k8s/clusters/c1/' },
  );

  const { body } = await transport.send({
    method: 'POST',
    path: '/api/v1/namespaces/a/configmaps',
    query: { fieldManager: 'me & you', none: undefined },
    headers: { 'Impersonate-Group': ['a', 'b'] },
    body: { n: 9007199254740993n },
  });

  const seen = body as { url: string; headers: string[]; body: string };
  expect(seen.url).toBe('/k8s/clusters/c1/api/v1/namespaces/a/configmaps?fieldManager=me+%26+you');
  expect(seen.headers.filter((_, i) => seen.headers[i - 1]?.toLowerCase() === 'impersonate-group')).toEqual(['a', 'b']);
  expect(seen.body).toBe('{"n":9007199254740993}');
});

test('any verb is sent again when the server says when to come back', async () => {
  const transport = await transportTo((_request, response, count) => {
    if (count < 3) answer(response, 429, {}, { 'retry-after': '0' });
    else answer(response, 200, { count });
  });

  expect((await transport.send({ method: 'PATCH', path: '/x', body: {} })).body).toEqual({ count: 3 });
});

test('a write that failed without Retry-After is not repeated', async () => {
  let calls = 0;
  const transport = await transportTo((_request, response, count) => {
    calls = count;
    answer(response, 503, { kind: 'Status', code: 503 });
  });

  expect((await transport.send({ method: 'POST', path: '/x', body: {} })).status).toBe(503);
  expect(calls).toBe(1);
});

test('a read is repeated when the connection dies under it', async () => {
  const transport = await transportTo((request, response, count) => {
    if (count === 1) request.socket.destroy();
    else answer(response, 200, { count });
  });

  expect((await transport.send({ method: 'GET', path: '/x' })).body).toEqual({ count: 2 });
});

test('an apply is sent again when its connection dies, a create is not', async () => {
  const requests: (string | undefined)[] = [];
  const transport = await transportTo((request, response, count) => {
    requests.push(request.method);
    if (count % 2 === 1) request.socket.destroy();
    else answer(response, 200, { count });
  });
  const headers = { 'content-type': 'application/apply-patch+yaml' };

  expect((await transport.send({ method: 'PATCH', path: '/x', headers, body: {} })).body).toEqual({ count: 2 });
  await expect(transport.send({ method: 'POST', path: '/x', body: {} })).rejects.toMatchObject({ code: 'CONNECTION' });
  expect(requests).toEqual(['PATCH', 'PATCH', 'POST']);
});

test('a refused token is replaced once', async () => {
  let token = 'old';
  const credentials: Credentials = {
    get: () => Promise.resolve({ authorization: `Bearer ${token}` }),
    refresh: () => {
      token = 'new';
      return Promise.resolve(true);
    },
  };
  const transport = await transportTo(
    (request, response) => answer(response, request.headers.authorization === 'Bearer new' ? 200 : 401, {}),
    { credentials },
  );

  expect((await transport.send({ method: 'GET', path: '/x' })).status).toBe(200);
});

test('a watch yields values in slow pieces and survives a cut in mid-line', async () => {
  const transport = await transportTo((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"type":"ADD');
    setImmediate(() => {
      response.write('ED"}\n{"type":"MODI');
      setImmediate(() => response.end());
    });
  });

  expect(await Array.fromAsync(transport.stream({ method: 'GET', path: '/x' }))).toEqual([{ type: 'ADDED' }]);
});

test('a watch ends quietly when its signal aborts', async () => {
  const controller = new AbortController();
  const transport = await transportTo((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"n":1}\n');
  });
  const seen: unknown[] = [];

  for await (const value of transport.stream({ method: 'GET', path: '/x', signal: controller.signal })) {
    seen.push(value);
    controller.abort();
  }

  expect(seen).toEqual([{ n: 1 }]);
});

test('a refused watch throws the Status of the server', async () => {
  const transport = await transportTo((_request, response) =>
    answer(response, 403, { kind: 'Status', code: 403, reason: 'Forbidden', message: 'no' }),
  );

  await expect(Array.fromAsync(transport.stream({ method: 'GET', path: '/x' }))).rejects.toMatchObject({
    statusCode: 403,
    message: 'no',
  });
});

test('an open watch does not hold up requests on a pool of one connection', async () => {
  const transport = await transportTo(
    (request, response) => {
      if (request.url === '/watch') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write('{}\n');
      } else answer(response, 200, {});
    },
    { connections: 1 },
  );
  const watch = transport.stream({ method: 'GET', path: '/watch' })[Symbol.asyncIterator]();
  await watch.next();

  expect((await transport.send({ method: 'GET', path: '/x' })).status).toBe(200);
  await watch.return?.();
});

test('a refused connection says so and asks about host and port', async () => {
  const transport = httpTransport({ server: 'http://127.0.0.1:1' });

  await expect(transport.send({ method: 'GET', path: '/x' })).rejects.toMatchObject({
    code: 'CONNECTION',
    message: 'the connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  });
  await transport.close();
});

test('an answer beyond the limit is refused', async () => {
  const transport = await transportTo((_request, response) => answer(response, 200, { x: 'y'.repeat(5000) }), {
    maxResponseBytes: 1000,
  });

  await expect(transport.send({ method: 'GET', path: '/x' })).rejects.toThrow('larger than 1000 bytes');
});
