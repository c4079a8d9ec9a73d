import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { configMap, DirectClient, type WatchEvent } from '../testing/direct-client.ts';
import { TlsClient } from '../testing/tls-client.ts';
import { maxQueuedBytes } from './watch-writer.ts';

let direct: DirectClient;
let client: TlsClient;
let maps: string;
let count = 0;

beforeAll(async () => {
  direct = await DirectClient.start({ controllers: false });
  client = new TlsClient(direct.server);
});
afterAll(() => direct.close());
beforeEach(async () => {
  const name = `watched-${++count}`;
  await direct.create('/api/v1/namespaces', { metadata: { name } });
  maps = `/api/v1/namespaces/${name}/configmaps`;
});

const create = (name: string, data: Record<string, string> = {}) => direct.create(maps, configMap(name, data));

async function take(query: Record<string, string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  for await (const event of direct.watch(maps, query)) if (taken.push(describeEvent(event)) === count) break;
  return taken;
}

/** A watch over the wire, which has begun when this resolves. */
async function begin(query: Record<string, string>) {
  const session = client.session();
  const parameters = new URLSearchParams({ watch: 'true', ...query });
  const stream = session.request(client.headers('GET', `${maps}?${parameters}`));
  await once(stream, 'response');
  return {
    async take(count: number): Promise<string[]> {
      const taken: string[] = [];
      for await (const line of createInterface({ input: stream })) {
        if (taken.push(describeEvent(JSON.parse(line) as WatchEvent)) === count) break;
      }
      session.destroy();
      return taken;
    },
  };
}

function describeEvent({ type, object }: WatchEvent): string {
  if (type === 'BOOKMARK') return `${type} ${JSON.stringify(object.metadata.annotations ?? {})}`;
  return `${type} ${object.metadata?.name ?? object['code']}`;
}

const wholeState = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
const end = 'BOOKMARK {"k8s.io/initial-events-end":"true"}';

describe('a watch', () => {
  it('that asks for the initial events gets the state, a bookmark at its end, and what follows', async () => {
    await create('a');
    await create('b');
    const watch = await begin(wholeState);
    await create('c');

    expect(await watch.take(4)).toEqual(['ADDED a', 'ADDED b', end, 'ADDED c']);
  });

  it('that wants no initial events begins with what comes', async () => {
    await create('a');
    const watch = await begin({ ...wholeState, sendInitialEvents: 'false' });
    await create('b');

    expect(await watch.take(1)).toEqual(['ADDED b']);
  });

  it('has to say what it means', async () => {
    const ask = (query: Record<string, string>) =>
      direct.send('GET', maps, undefined, { query: { watch: 'true', ...query } });

    expect((await ask({ sendInitialEvents: 'true' })).body.message).toContain(
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    );
    expect((await ask({ resourceVersionMatch: 'NotOlderThan' })).body.message).toContain(
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    );
    expect((await ask({ resourceVersion: 'x' })).status).toBe(500);
  });

  it('gets a bookmark before its time is over, with the newest revision, and ends then', async () => {
    const { metadata } = await create('a');
    const query = { resourceVersion: metadata.resourceVersion!, allowWatchBookmarks: 'true', timeoutSeconds: '1' };
    const other = direct.create('/api/v1/namespaces/default/configmaps', configMap(`elsewhere-${count}`));

    const events = await Array.fromAsync(direct.watch(maps, query));

    expect(events.map(describeEvent)).toEqual(['BOOKMARK {}']);
    expect(events[0]!.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(events[0]!.object.metadata.resourceVersion).toBe((await other).metadata.resourceVersion);
  });

  it('cannot go back behind the history that is kept: it is told 410 and ends', async () => {
    const { metadata } = await create('a', { n: '0' });
    const text = 'x'.repeat(900_000);
    // The history is bounded in bytes, too, so that few large objects move it on.
    let isGone = false;
    for (let n = 0; n < 400 && !isGone; n++) {
      await direct.patch(`${maps}/a`, 'merge', { data: { text: `${n}${text}` } });
      if (n % 20 !== 19) continue;
      const [first] = await take({ resourceVersion: metadata.resourceVersion! }, 1);
      isGone = first === 'ERROR 410';
    }
    const events = await Array.fromAsync(direct.watch(maps, { resourceVersion: metadata.resourceVersion! }));

    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    expect(events[0]!.object['message']).toMatch(/^too old resource version: \d+ \(\d+\)$/);
  });
});

/** Begins a watch whose answers nobody reads. */
async function stall(query: string): Promise<TLSSocket> {
  const socket = await client.open();
  socket.write(`GET ${maps}?watch=true&${query} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${client.token}\r\n\r\n`);
  await once(socket, 'readable');
  return socket;
}

/** All that still comes, until the connection is closed. */
async function countBytes(socket: TLSSocket): Promise<number> {
  let size = 0;
  socket.on('data', (chunk) => {
    size += chunk.length;
  });
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return size;
}

describe('a client that does not read its watch', () => {
  const megabyte = 'y'.repeat(900_000);
  /** What sockets on both sides may hold besides. */
  const inSockets = 16 * 1024 * 1024;

  it('is cut off when more waits for it than is kept, while others get everything', async () => {
    await create('a');
    const socket = await stall('resourceVersion=0');
    const session = client.session();
    const stuck = session.request(client.headers('GET', `${maps}?watch=true&resourceVersion=0`));
    await once(stuck, 'response');
    stuck.on('error', () => undefined);
    const stuckEnded = new Promise((resolve) => stuck.once('close', resolve));
    const reading = client.session();
    const reader = reading.request(client.headers('GET', `${maps}?watch=true&resourceVersion=0`));
    const lines = createInterface({ input: reader })[Symbol.asyncIterator]();
    expect((await lines.next()).value).toContain('ADDED');

    for (let n = 0; n < 40; n++) {
      await direct.patch(`${maps}/a`, 'merge', { data: { text: `${n}${megabyte}` } });
      expect(String((await lines.next()).value).slice(0, 400)).toContain('MODIFIED');
    }

    reading.destroy();
    expect(await countBytes(socket)).toBeLessThan(maxQueuedBytes + inSockets);
    stuck.resume();
    await stuckEnded;
    session.destroy();
  });

  it('gets a start of any size, at its own pace', async () => {
    for (let n = 0; n < 14; n++) await create(`m-${n}`, { text: megabyte });
    const socket = await stall('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true');
    await create('later');
    const names: string[] = [];
    for await (const line of createInterface({ input: socket })) {
      const [, name] = /"(initial-events-end|later|m-\d+)"/.exec(line.slice(0, 400).replace('k8s.io/', '')) ?? [];
      if (name) names.push(name);
      if (name === 'later') break;
    }
    socket.destroy();

    expect(names).toHaveLength(16);
    expect(names.slice(-2)).toEqual(['initial-events-end', 'later']);
  });
});
