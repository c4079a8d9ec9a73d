import { expect, test } from 'vitest';
import { createLog } from './create-log.ts';

test('a line has level, ts and msg as Flux writes them, the error as text, and no secrets', async () => {
  const lines: string[] = [];
  const log = await createLog({ write: (line) => lines.push(line) });
  log
    .with({ controller: 'kustomization' })
    .error(new Error('clone https://me:hunter2@x/y failed'), 'Reconciler error', { n: 1 });
  log.debug('not at this level');

  expect(lines).toHaveLength(1);
  const { ts, ...rest } = JSON.parse(lines[0]!) as Record<string, unknown>;
  expect(rest).toEqual({
    level: 'error',
    controller: 'kustomization',
    n: 1,
    error: 'clone https://me:*****@x/y failed',
    msg: 'Reconciler error',
  });
  expect(ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('the console encoding separates by tabs', async () => {
  const lines: string[] = [];
  const log = await createLog({ encoding: 'console', level: 'trace', write: (line) => lines.push(line) });
  log.trace('hello', { a: 'b' });

  expect(lines[0]?.split('\t').slice(1)).toEqual(['trace', 'hello', '{"a":"b"}\n']);
});
