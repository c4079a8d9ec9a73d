import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { EventForwarder, formatForwardedEvent } from './event-forwarder.ts';
import type { ObjectEvent } from './host.ts';
import { silentLog } from './log.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A receiver that gives these answers in turn, the last one again and again. */
async function receiver(...statuses: number[]) {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.writeHead(statuses.length > 1 ? statuses.shift()! : statuses[0]!).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const errors: string[] = [];
  const forwarder = new EventForwarder({
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    log: { ...silentLog, error: (error) => errors.push((error as Error).message) },
    signal: new AbortController().signal,
    minRetryMs: 1,
  });
  return { bodies, errors, forwarder };
}

const event: ObjectEvent = {
  object: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'app', namespace: 'ns', uid: 'u', resourceVersion: '7' },
  },
  type: 'Warning',
  reason: 'BuildFailed',
  message: 'no',
  metadata: {},
  forward: true,
  reporter: 'kustomize-controller',
  at: new Date('2026-01-01T00:00:00.5Z'),
};

test('the body names the object with uid and version; empty metadata is left out (KUS-EVT-03)', () => {
  expect(formatForwardedEvent(event)).toEqual({
    involvedObject: {
      kind: 'Kustomization',
      namespace: 'ns',
      name: 'app',
      uid: 'u',
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      resourceVersion: '7',
    },
    severity: 'error',
    timestamp: '2026-01-01T00:00:00Z',
    message: 'no',
    reason: 'BuildFailed',
    reportingController: 'kustomize-controller',
    reportingInstance: expect.any(String),
  });
});

test('a failing receiver is tried again, then delivered to', async () => {
  const { bodies, errors, forwarder } = await receiver(500, 503, 202);
  await forwarder.forward(event);

  expect(bodies).toHaveLength(3);
  expect(errors).toEqual([]);
});

test('after four retries it is given up and logged (SRC-EVT-02)', async () => {
  const { bodies, errors, forwarder } = await receiver(500);
  await forwarder.forward(event);

  expect(bodies).toHaveLength(5);
  expect(errors).toEqual(['the events address answered 500 Internal Server Error']);
});

test('a duplicate is neither retried nor an error', async () => {
  const { bodies, errors, forwarder } = await receiver(429);
  await forwarder.forward(event);

  expect(bodies).toHaveLength(1);
  expect(errors).toEqual([]);
});
