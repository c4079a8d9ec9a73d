import { expect, test } from 'vitest';
import { formatTable } from './table.ts';

test('pads cells to their column and ends data rows with a tab', () => {
  const text = formatTable(
    ['NAME', 'READY'],
    [
      ['podinfo', 'True'],
      ['a', 'Unknown'],
    ],
  );

  expect(text).toBe('NAME   \tREADY   \npodinfo\tTrue   \t\na      \tUnknown\t\n');
});

test('leaves an empty header out', () => {
  expect(formatTable([], [['a', 'b']])).toBe('a\tb\t\n');
});

test('gives a cell of several lines as many lines of its own', () => {
  expect(formatTable([], [['a', 'one\ntwo', 'z']])).toBe('a\tone\tz\t\n \ttwo\t \t\n');
});
