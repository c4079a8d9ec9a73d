import { expect, test } from 'vitest';
import { compareValues } from './compare-values.ts';
import { formatDifferences } from './format-differences.ts';

const report = (before: unknown, after: unknown) => formatDifferences(compareValues(before, after));

test('names list entries by their name in the path of a change', () => {
  const ports = (port: number) => ({ spec: { ports: [{ name: 'http', port }] } });

  expect(report(ports(9899), ports(9898))).toBe('spec.ports.http.port\n± value change\n- 9899\n+ 9898\n\n');
});

test('lays removed and added entries side by side', () => {
  const text = report({ data: { 'drift-key': '*****' } }, { data: { token: '*****' } });

  expect(text).toBe(
    'data\n- one map entry removed:   + one map entry added:\ndrift-key: "*****"           token: "*****"\n\n',
  );
});

test('says so when only the order changed', () => {
  expect(report({ a: ['x', 'y'] }, { a: ['y', 'x'] })).toBe('a\n⇆ order changed\n- x, y\n+ y, x\n\n');
});

test('reports nothing for equal documents', () => {
  expect(report({ a: [1] }, { a: [1] })).toBe('');
});
