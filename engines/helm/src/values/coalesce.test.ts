import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Values } from '../chart/chart.ts';
import { type ChartValues, coalesceValues } from './coalesce.ts';

const chart = (name: string, values: Values, ...dependencies: ChartValues[]): ChartValues => ({
  metadata: { name },
  values,
  dependencies,
});

test.each<[string, Values, Values, Values]>([
  [
    'maps merge, the rest is replaced',
    { a: { x: 1, y: 2 }, l: [1] },
    { a: { y: 3 }, l: [2] },
    { a: { x: 1, y: 3 }, l: [2] },
  ],
  ['null removes a default', { a: 1, m: { x: 1, y: 2 } }, { a: null, m: { x: null } }, { m: { y: 2 } }],
  ['null without a default stays', {}, { a: null, m: { x: null } }, { a: null, m: { x: null } }],
  ['null among the defaults is dropped', { a: null, m: { x: null, y: 1 } }, {}, { m: { y: 1 } }],
  ['text replaces a table', { a: { x: 1 } }, { a: 'text' }, { a: 'text' }],
  ['a table replaces text', { a: 'text' }, { a: { x: 1 } }, { a: { x: 1 } }],
])('%s (HELM-CVAL-02)', (_what, defaults, given, expected) => {
  expect(coalesceValues(chart('root', defaults), given)).toEqual(expected);
});

test('a subchart has its own values, those for it and the globals of its parents (HELM-CVAL-02, HELM-CVAL-05)', () => {
  const sub = chart('sub', { a: 1, b: 2, global: { from: 'sub', own: true } });
  const root = chart('root', { sub: { b: 3 }, global: { from: 'root' } }, sub);

  expect(coalesceValues(root, { sub: { a: null } })).toEqual({
    sub: { b: 3, global: { from: 'root', own: true } },
    global: { from: 'root' },
  });
});

test('defaults of a subchart deep below global reach its parent, as in Helm', () => {
  const sub = chart('sub', { global: { a: { b: { fromSub: 1 } } } });
  const root = chart('root', { global: { a: { b: { fromRoot: 1 } } } }, sub);

  expect(coalesceValues(root, {})).toMatchObject({ global: { a: { b: { fromSub: 1, fromRoot: 1 } } } });
});

test('what cannot be merged is warned of (HELM-CVAL-02)', () => {
  const messages: string[] = [];
  const root = chart('root', { a: { x: { y: 1 } } }, chart('sub', { global: {} }));

  coalesceValues(root, { a: { x: 1 }, global: 5 }, { warn: ({ message }) => messages.push(message) });

  expect(messages).toEqual([
    'warning: cannot overwrite table with non table for root.a.x (map[y:1])',
    'warning: skipping globals because source global is not a table.',
  ]);
});

const key = fc.constantFrom('a', 'b', 'global', 'sub', '__proto__', 'constructor');
const table = fc.letrec<{ table: Values; value: unknown }>((tie) => ({
  table: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 4 })
    .map((entries) => JSON.parse(`{${entries.map(([k, v]) => `"${k}":${JSON.stringify(v)}`).join()}}`)),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer(),
    fc.constant(null),
    fc.array(fc.integer()),
    tie('table'),
  ),
})).table;

test('neither the charts nor the values given are ever changed, and no prototype is', () => {
  fc.assert(
    fc.property(table, table, table, (defaults, below, given) => {
      const root = chart('root', defaults, chart('sub', below));
      const before = JSON.stringify([root, given]);

      try {
        const values = coalesceValues(root, given);
        for (const name of Object.keys(values))
          if (name !== 'sub') expect(name in given || name in defaults || name === 'global').toBe(true);
      } catch (error) {
        expect(error).toMatchObject({ code: 'HELM_VALUES' });
      }

      expect(JSON.stringify([root, given])).toBe(before);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
  );
});

test('coalescing what was coalesced changes nothing', () => {
  fc.assert(
    fc.property(table, table, (defaults, given) => {
      const root = chart('root', defaults);
      const once = coalesceValues(root, given);
      fc.pre(!JSON.stringify(given).includes('null'));

      expect(coalesceValues(root, once)).toEqual(once);
    }),
  );
});
