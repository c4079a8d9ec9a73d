import { once } from 'node:events';
import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiServer } from '../index.ts';
import { configMap, DirectClient } from '../testing/direct-client.ts';
import { TlsClient } from '../testing/tls-client.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const json = { 'content-type': 'application/json' };

let direct: DirectClient;
let client: TlsClient;
/** Of a server that soon cuts off, for those who wait for just that: who is only slow there, on a busy machine, is cut off too. */
let impatient: DirectClient;
let slow: TlsClient;
const panics: string[] = [];

beforeAll(async () => {
  const log = (message: string, error?: unknown) => void panics.push(`${message} ${error}`);
  const limits = { requests: 20, connections: 200, receivedBytes: 8 * 1024 * 1024 };
  direct = await DirectClient.start({ controllers: false, limits, log });
  client = new TlsClient(direct.server);
  const times = { headMs: 1000, bodyMs: 1000, idleMs: 1000 };
  impatient = await DirectClient.start({ controllers: false, limits: { ...limits, ...times }, log });
  slow = new TlsClient(impatient.server);
});
afterAll(async () => {
  await direct.close();
  await impatient.close();
  expect(panics).toEqual([]);
});

/** Everything that a connection brings until it is closed. */
async function readAll(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  // A connection that is cut off may end in an error, which is as good.
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** Sends a byte now and then until the connection is closed. */
async function dribble(socket: TLSSocket, bytes = 'x'): Promise<void> {
  const timer = setInterval(() => socket.write(bytes), 20);
  await readAll(socket);
  clearInterval(timer);
}

const isServed = async () => expect((await client.send('GET', maps)).status).toBe(200);

/** Where who is late is cut off, this one may be late itself on a busy machine; it comes again then. */
async function isServedInTime(): Promise<void> {
  let status = 408;
  while (status === 408) ({ status } = await slow.send('GET', maps).catch(() => ({ status: 408 })));
  expect(status).toBe(200);
}

describe('by default', () => {
  it('the server listens on loopback, speaks TLS only, and knows nobody without credentials', async () => {
    const server = await startApiServer({ controllers: false });
    const { hostname, port, protocol } = new URL(server.url);
    const unknown = new TlsClient(server);
    const plain = connect(Number(port), hostname).on('error', () => undefined);
    plain.end('GET /version HTTP/1.1\r\nhost: x\r\n\r\n');
    let text = '';
    plain.on('data', (chunk) => {
      text += chunk;
    });
    await once(plain, 'close');

    expect([protocol, hostname, text]).toEqual(['https:', '127.0.0.1', '']);
    for (const path of ['/version', '/api', maps, '/openapi/v2']) {
      const { status, text: answer } = await unknown.send('GET', path, { token: '' });
      expect([path, status, JSON.parse(answer).message]).toEqual([path, 401, 'Unauthorized']);
    }
    expect((await unknown.send('GET', '/readyz', { token: '' })).text).toBe('ok');
    expect((await unknown.send('GET', maps, { token: 'wrong' })).status).toBe(401);
    await server.close();
  });

  it('somebody unknown is anonymous for RBAC only where that is asked for, and never without RBAC', async () => {
    const server = await startApiServer({ controllers: false, anonymous: true });
    const open = await startApiServer({ controllers: false, anonymous: true, authorization: 'always-allow' });

    const refused = await new TlsClient(server).send('GET', maps, { token: '' });
    expect([refused.status, JSON.parse(refused.text).message]).toEqual([
      403,
      expect.stringContaining('User "system:anonymous" cannot list resource "configmaps"'),
    ]);
    expect((await new TlsClient(open).send('GET', maps, { token: '' })).status).toBe(401);
    await server.close();
    await open.close();
  });
});

describe('a client that is slow on purpose', () => {
  it.each([
    ['says nothing', ''],
    ['never ends its headers', 'GET / HTTP/1.1\r\nhost: x\r\nx-header: '],
    [
      'never ends its body',
      `POST ${maps} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer TOKEN\r\ncontent-length: 100000\r\n\r\n`,
    ],
  ])('and %s is cut off, while others are served', async (_what, start) => {
    const sockets = await Promise.all(Array.from({ length: 15 }, () => slow.open()));
    const ends = sockets.map((socket) => {
      if (start === '') return readAll(socket);
      socket.write(start.replace('TOKEN', slow.token));
      return dribble(socket);
    });

    await isServedInTime();

    await Promise.all(ends);
    await isServedInTime();
  });

  it('is cut off in HTTP/2, too: before a request, within one, and after it', async () => {
    const silent = await slow.open('h2');
    silent.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const session = slow.session();
    const stream = session.request({ ...slow.headers('POST', maps), 'content-length': '100000' });
    stream.on('error', () => undefined);
    const timer = setInterval(() => stream.writable && stream.write('x'), 20);

    await Promise.all([readAll(silent), once(stream, 'close')]);
    clearInterval(timer);
    await isServedInTime();
    if (!session.destroyed) await once(session, 'close');
  });

  it('without credentials is not listened to', async () => {
    const socket = await client.open();
    socket.write(`POST ${maps} HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n`);

    expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1.1 401 Unauthorized/);
    socket.destroy();
  });
});

describe('a client that wants too much', () => {
  it('gets 413 for a body that is too large, whether it says so or not', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024 + 1, ' ');
    const message = 'Request entity too large: limit is 3145728';

    const said = await client.send('POST', maps, { body, headers: json });
    const chunked = await client
      .send('POST', maps, { body, headers: { ...json, 'transfer-encoding': 'chunked', 'content-length': '' } })
      .catch(() => said);
    const session = client.session();
    const stream = session.request(client.headers('POST', maps));
    stream.on('error', () => undefined);
    stream.end(body);
    const [headers] = await once(stream, 'response');
    session.destroy();

    expect([said.status, JSON.parse(said.text).message]).toEqual([413, message]);
    expect(chunked.status).toBe(413);
    expect(headers[':status']).toBe(413);
    await isServed();
  });

  it('is told to come back when there are too many requests, and served then', async () => {
    const held = await Promise.all(Array.from({ length: 20 }, () => client.open()));
    for (const socket of held) {
      socket.write(
        `POST ${maps} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${client.token}\r\ncontent-length: 10\r\n\r\n`,
      );
    }
    let answer = await client.send('GET', maps);
    while (answer.status === 200) answer = await client.send('GET', maps);

    expect(answer).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' },
      text: 'Too many requests, please try again later.\n',
    });
    for (const socket of held) socket.destroy();
    while (answer.status === 429) answer = await client.send('GET', maps);
    expect(answer.status).toBe(200);
  });

  it('cannot open more connections than there may be, nor keep others out for long', async () => {
    const sockets = await Promise.allSettled(
      Array.from({ length: 300 }, async () => {
        const socket = await slow.open();
        return readAll(socket);
      }),
    );

    expect(sockets).toHaveLength(300);
    await isServedInTime();
  });

  it('survives a flood, which is answered or refused', async () => {
    const session = client.session();
    const statuses = await Promise.all(
      Array.from({ length: 800 }, async (_, index) => {
        const isWrite = index % 2 === 0;
        const stream = session.request({ ...client.headers(isWrite ? 'POST' : 'GET', maps), ...json });
        stream.end(isWrite ? JSON.stringify(configMap(`flood-${index}`)) : undefined);
        const [headers] = await once(stream, 'response');
        stream.resume();
        return Number(headers[':status']);
      }),
    );
    session.destroy();

    expect(statuses.filter((status) => ![200, 201, 429].includes(status))).toEqual([]);
    expect(statuses).toContain(201);
    await isServed();
  });

  it('is refused headers that are too large or too many', async () => {
    const large = await client
      .send('GET', maps, { headers: { 'x-bomb': 'x'.repeat(100_000) } })
      .catch(() => ({ status: 431 }));
    const session = client.session();
    const bomb = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x-${index}`, 'y'.repeat(100)]));
    const stream = session.request({ ...client.headers('GET', maps), ...bomb });
    const outcome = await Promise.race([
      once(stream, 'response').then(([headers]) => Number(headers[':status'])),
      once(stream, 'error').then(() => 'refused'),
      once(stream, 'close').then(() => 'refused'),
    ]).catch(() => 'refused');
    session.destroy();

    expect(large.status).toBe(431);
    expect([431, 'refused']).toContain(outcome);
    await isServed();
  });
});

describe('a hostile body', () => {
  const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
  const post = (body: string | Buffer, type = 'application/json') =>
    client.send('POST', maps, { body, headers: { 'content-type': type } });

  it.each([
    ['truncated JSON', '{"apiVersion":"v1"', 'application/json'],
    ['JSON nested deeply', `{"data":${nested('[', ']', 100_000)}}`, 'application/json'],
    ['objects nested deeply', `{"metadata":${nested('{"a":', '}', 50_000)}}`, 'application/json'],
    ['YAML nested deeply', nested('[', ']', 100_000), 'application/yaml'],
    [
      'YAML aliases',
      `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*${i ? `b${i - 1}` : 'a'},*${i ? `b${i - 1}` : 'a'}]`).join('\n')}`,
      'application/yaml',
    ],
    [
      'broken protobuf',
      Buffer.from([0x6b, 0x38, 0x73, 0, 0xff, 0xff, 0xff, 0xff, 0xff]),
      'application/vnd.kubernetes.protobuf',
    ],
    ['no object', '[1]', 'application/json'],
    ['an unknown type', '{}', 'text/html'],
  ])('is refused when it is %s', async (_what, body, type) => {
    const { status, text } = await post(body, type);

    expect([status, JSON.parse(text).kind]).toEqual([type === 'text/html' ? 415 : 400, 'Status']);
  });

  it('of protobuf that nests deeply is refused', async () => {
    const length = (size: number) => {
      const bytes: number[] = [];
      for (let rest = size; ; rest >>>= 7) {
        if (rest < 128) return Buffer.from([...bytes, rest]);
        bytes.push((rest & 127) | 128);
      }
    };
    const field = (number: number, content: Buffer) =>
      Buffer.concat([Buffer.from([(number << 3) | 2]), length(content.length), content]);
    // JSONSchemaProps.not, again and again; its number needs two bytes of tag.
    let schema = Buffer.alloc(0);
    for (let depth = 0; depth < 5000; depth++)
      schema = Buffer.concat([Buffer.from([((28 << 3) & 127) | 2 | 128, 28 >> 4]), length(schema.length), schema]);
    const spec = field(7, Buffer.concat([field(1, Buffer.from('v1')), field(4, field(1, schema))]));
    const meta = Buffer.concat([
      field(1, Buffer.from('apiextensions.k8s.io/v1')),
      field(2, Buffer.from('CustomResourceDefinition')),
    ]);
    const body = Buffer.concat([Buffer.from('k8s\0'), field(1, meta), field(2, field(2, spec))]);
    const answer = await client.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      body,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    });

    expect(answer.status).toBe(400);
  });

  it('may have a member called __proto__, which is an ordinary one', async () => {
    const body =
      '{"metadata":{"name":"proto","__proto__":{"polluted":"x"}},"data":{"__proto__":"mine","constructor":"too"}}';
    const { status, text } = await post(body);
    const patched = await client.send('PATCH', `${maps}/proto`, {
      body: '{"data":{"__proto__":"changed"},"metadata":{"annotations":{"a":"b"}}}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });

    expect(status).toBe(201);
    expect(text).toContain('"data":{"__proto__":"mine","constructor":"too"}');
    expect(patched.text).toContain('"__proto__":"changed"');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('cannot nest deeper by copying a part into itself', async () => {
    await post(JSON.stringify(configMap('deep')));
    const operations = Array.from({ length: 5000 }, (_, index) => ({
      op: index === 0 ? 'add' : 'copy',
      ...(index === 0 ? { value: {} } : { from: '/metadata/annotations' }),
      path: index === 0 ? '/metadata/annotations' : '/metadata/annotations/a',
    }));
    const { status } = await client.send('PATCH', `${maps}/deep`, {
      body: JSON.stringify(operations),
      headers: { 'content-type': 'application/json-patch+json' },
    });

    expect([400, 422]).toContain(status);
  });

  it.each([
    ['labelSelector', `a in (${'x,'.repeat(3000)}x)`],
    ['labelSelector', '('.repeat(5000)],
    ['labelSelector', `${'a=b,'.repeat(2000)}!`],
    ['fieldSelector', `${'metadata.name=a,'.repeat(800)}`],
    ['fieldSelector', `metadata.name=${'\\'.repeat(5000)}`],
    ['continue', 'A'.repeat(8000)],
    ['resourceVersion', '9'.repeat(5000)],
    ['limit', '9'.repeat(500)],
  ])('is as harmless in the query, as a %s', async (name, value) => {
    const { status } = await client.send('GET', `${maps}?${name}=${encodeURIComponent(value)}`);

    expect([200, 400, 422, 431, 504]).toContain(status);
  });
});
