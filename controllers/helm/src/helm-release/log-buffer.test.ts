import { expect, test } from 'vitest';
import { LogBuffer } from './log-buffer.ts';

test('nothing is added when nothing was logged', () => {
  expect(new LogBuffer().format()).toBe('');
});

test('lines carry time, level, message and attributes (HELM-CTRL-01)', () => {
  const buffer = new LogBuffer(() => new Date('2026-01-02T03:04:05.678Z'));

  buffer.add('info', 'creating resource(s)', { resources: 2 });
  buffer.add('warning', 'upgrade failed');

  expect(buffer.format()).toBe(
    '\n\nLast Helm logs:\n\n2026-01-02T03:04:05.678Z: creating resource(s): {"resources":2}\n2026-01-02T03:04:05.678Z: warning: upgrade failed: {}',
  );
});

test.each([
  [2, ['waiting: {}', 'waiting: {}']],
  [3, ['waiting: {}', 'waiting: {} (1 duplicate line omitted)']],
  [4, ['waiting: {}', 'waiting: {} (2 duplicate lines omitted)']],
])('a line that comes %i times is printed twice', (count, expected) => {
  const buffer = new LogBuffer(() => new Date(0));

  for (let index = 0; index < count; index++) buffer.add('info', 'waiting');

  expect(buffer.format().replaceAll('1970-01-01T00:00:00.000Z: ', '').split('\n').slice(4)).toEqual(expected);
});

test('only the last ten lines are kept', () => {
  const buffer = new LogBuffer(() => new Date(0));

  for (let index = 0; index < 12; index++) buffer.add('info', `line ${index}`);

  expect(buffer.format().split('\n').slice(4)).toHaveLength(10);
});
