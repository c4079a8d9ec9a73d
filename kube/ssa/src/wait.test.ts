import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { expect, test } from 'vitest';
import { jobStatusReader } from './kstatus/status-reader.ts';
import type { ObjectListener, ObjectWatch } from './object-watch.ts';
import { waitForReady } from './wait.ts';

const mappings = [
  { group: 'x.io', version: 'v1', kind: 'Foo', resource: 'foos', namespaced: true },
  { group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', namespaced: true },
];
// The waits of these tests need nothing of a cluster but its list of kinds.
const cluster = {
  mappings: async () => mappings,
  mapping: async (ref: ObjectRef) => mappings.find(({ kind }) => kind === ref.kind),
} as unknown as Cluster;

/** A watch whose events come from the test. */
function scriptedWatch() {
  const listeners = new Map<string, ObjectListener>();
  const watch: ObjectWatch = {
    observe(ref, listener) {
      listeners.set(ref.name, listener);
      return { [Symbol.dispose]: () => listeners.delete(ref.name) };
    },
  };
  const tell = async (name: string, object: KubeObject | undefined, error?: Error) => {
    while (!listeners.has(name)) await Promise.resolve();
    listeners.get(name)?.(object, error);
  };
  return { watch, tell, listeners };
}

const target = (name: string, kind = 'Foo') => ({
  ref: { apiVersion: kind === 'Job' ? 'batch/v1' : 'x.io/v1', kind, namespace: 'n', name },
});

function foo(name: string, status: 'True' | 'False', metadata: object = {}): KubeObject {
  const conditions = [{ type: status === 'True' ? 'Ready' : 'Stalled', status: 'True', reason: 'R', message: 'm' }];
  return {
    apiVersion: 'x.io/v1',
    kind: 'Foo',
    metadata: { name, namespace: 'n', ...metadata },
    status: { conditions },
  };
}

test('the wait ends when the last target is Current, and leaves no watch behind', async () => {
  const { watch, tell, listeners } = scriptedWatch();
  const waiting = waitForReady(cluster, [target('a'), target('b')], { watch, timeoutMs: 60_000 });
  await tell('a', foo('a', 'True'));
  await tell('b', undefined);

  await tell('b', foo('b', 'True'));

  await expect(waiting).resolves.toBeUndefined();
  expect(listeners.size).toBe(0);
});

test('with fail-fast one failed target ends the wait (KUS-HEALTH-06)', async () => {
  const { watch, tell } = scriptedWatch();
  const waiting = waitForReady(cluster, [target('a'), target('b')], { watch, timeoutMs: 60_000, failFast: true });

  await tell('a', foo('a', 'False'));

  await expect(waiting).rejects.toThrow("failed early due to stalled resources: [Foo/n/a status: 'Failed']");
});

test('at the timeout everything that is not Current is listed, with read errors', async () => {
  const { watch, tell } = scriptedWatch();
  const waiting = waitForReady(cluster, [target('a'), target('b'), target('c')], { watch, timeoutMs: 50 });

  await tell('a', foo('a', 'True'));
  await tell('b', undefined);
  await tell('c', undefined, new Error('foos is forbidden'));

  await expect(waiting).rejects.toThrow(
    "timeout waiting for: [Foo/n/b status: 'NotFound', Foo/n/c status: 'Unknown': foos is forbidden]",
  );
});

test('an older state than the applied one does not count as ready', async () => {
  const { watch, tell } = scriptedWatch();
  const applied = { ...target('a'), generation: 2, uid: 'u' };
  const waiting = waitForReady(cluster, [applied], { watch, timeoutMs: 50 });

  await tell('a', foo('a', 'True', { generation: 1, uid: 'u' }));

  await expect(waiting).rejects.toThrow("timeout waiting for: [Foo/n/a status: 'InProgress']");
});

test('a Job that removes itself is ready when it is gone (KUS-HEALTH-07)', async () => {
  const { watch, tell } = scriptedWatch();
  const job = { ...target('j', 'Job'), isReadyWhenGone: true };
  const waiting = waitForReady(cluster, [job], { watch, timeoutMs: 60_000, readers: [jobStatusReader] });

  await tell('j', undefined);

  await expect(waiting).resolves.toBeUndefined();
});

test('an abort ends the wait with its reason', async () => {
  const { watch } = scriptedWatch();
  const controller = new AbortController();
  const { signal } = controller;
  const waiting = waitForReady(cluster, [target('a')], { watch, timeoutMs: 60_000, signal });

  controller.abort(new Error('superseded'));

  await expect(waiting).rejects.toThrow('superseded');
});
