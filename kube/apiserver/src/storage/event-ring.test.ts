import { expect, it } from 'vitest';
import { EventRing } from './event-ring.ts';

function ringOf(count: number, capacity: number): EventRing {
  const ring = new EventRing(0, { events: capacity, bytes: 1_000_000 });
  for (let revision = 1; revision <= count; revision++) {
    const metadata = { name: 'a', resourceVersion: String(revision) };
    ring.push({ type: 'MODIFIED', revision, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata } });
  }
  return ring;
}

it('gives the events after a revision', () => {
  const events = ringOf(5, 10).since(3);
  expect(events?.map(({ revision }) => revision)).toEqual([4, 5]);
});

it('keeps at least its capacity and refuses to resume from what it forgot', () => {
  const ring = ringOf(100, 10);
  expect(ring.since(90)?.length).toBe(10);
  expect(ring.since(1)).toBeUndefined();
  expect(ring.since(100)).toEqual([]);
});

it('keeps fewer events when they are large, but always the newest', () => {
  const ring = new EventRing(0, { events: 1000, bytes: 300_000 });
  for (let revision = 1; revision <= 100; revision++) {
    const metadata = { name: 'a', resourceVersion: String(revision) };
    const data = { text: 'x'.repeat(100_000) };
    ring.push({ type: 'MODIFIED', revision, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data } });
  }
  expect(ring.startRevision).toBeGreaterThan(90);
  expect(ring.since(ring.startRevision)?.length).toBeLessThan(7);
  expect(ring.since(99)?.map(({ revision }) => revision)).toEqual([100]);
});
