import { expect, test } from 'vitest';
import { EventCorrelator } from './event-correlator.ts';
import type { ObjectEvent } from './host.ts';

function event(message: string, name = 'x'): ObjectEvent {
  return {
    object: { apiVersion: 'v1', kind: 'X', metadata: { name, namespace: 'ns', uid: name } },
    type: 'Normal',
    reason: 'R',
    message,
    metadata: {},
    forward: true,
    reporter: 'test-controller',
    at: new Date(0),
  };
}

test('the same event again is a repeat of the one that was written', () => {
  const correlator = new EventCorrelator({ now: () => 0 });
  correlator.correlate(event('m'))?.remember({ name: 'x.1', count: 1 });

  expect(correlator.correlate(event('m'))?.repeat).toEqual({ name: 'x.1', count: 1 });
  expect(correlator.correlate(event('other'))?.repeat).toBeUndefined();
});

test('from the tenth differing message on, events of a kind are combined', () => {
  const correlator = new EventCorrelator({ now: () => 0 });
  const messages = Array.from({ length: 11 }, (_, i) => correlator.correlate(event(`m${i}`))?.message);

  expect(messages.slice(0, 9)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']);
  expect(messages.slice(9)).toEqual(['(combined from similar events): m9', '(combined from similar events): m10']);
});

test('an object has 25 events, then one every five minutes', () => {
  let now = 0;
  const correlator = new EventCorrelator({ now: () => now });
  for (let i = 0; i < 25; i++) expect(correlator.correlate(event('m'))).toBeDefined();

  expect(correlator.correlate(event('m'))).toBeUndefined();
  expect(correlator.correlate(event('m', 'other'))).toBeDefined();
  now += 300_000;
  expect(correlator.correlate(event('m'))).toBeDefined();
  expect(correlator.correlate(event('m'))).toBeUndefined();
});
