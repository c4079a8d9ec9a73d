import { expect, test } from 'vitest';
import type { ChartWarning } from '../values/warning.ts';
import type { Chart, ChartDependency, Values } from './chart.ts';
import { processDependencies } from './dependencies.ts';

function chart(name: string, options: { values?: Values; declared?: ChartDependency[]; below?: Chart[] } = {}): Chart {
  const { values = {}, declared, below = [] } = options;
  const metadata = { name, version: '1.0.0', apiVersion: 'v2', ...(declared && { dependencies: declared }) };
  return { metadata, values, templates: [], files: [], raw: [], dependencies: below };
}

const names = ({ dependencies }: Chart) => dependencies.map(({ metadata }) => metadata.name);
const sub = { name: 'sub', version: '1.x' };

test.each<[string, Partial<ChartDependency>, Values, string[]]>([
  ['nothing turns it off', {}, {}, ['sub']],
  ['a tag is false', { tags: ['t'] }, { tags: { t: false } }, []],
  ['another tag is true', { tags: ['t', 'u'] }, { tags: { t: false, u: true } }, ['sub']],
  ['its condition is false', { condition: 'sub.on' }, { sub: { on: false } }, []],
  [
    'the condition beats the tags',
    { condition: 'sub.on', tags: ['t'] },
    { sub: { on: true }, tags: { t: false } },
    ['sub'],
  ],
  ['the first path that exists decides', { condition: 'sub.no,sub.on' }, { sub: { on: false } }, []],
  ['a condition that is no boolean', { condition: 'sub.on' }, { sub: { on: 'false' } }, ['sub']],
])('a dependency is there or not: %s (HELM-CVAL-03)', (_why, change, values, expected) => {
  const root = chart('root', { declared: [{ ...sub, ...change }], below: [chart('sub')] });

  expect(names(processDependencies(root, values).chart)).toEqual(expected);
});

test('an alias makes a copy under its name, and undeclared charts come first (HELM-CVAL-01)', () => {
  const declared = [
    { ...sub, alias: 'one' },
    { ...sub, alias: 'two' },
  ];
  const root = chart('root', { declared, below: [chart('sub'), chart('extra')] });

  const processed = processDependencies(root, {}).chart;

  expect(names(processed)).toEqual(['extra', 'one', 'two']);
  expect(processed.metadata.dependencies).toMatchObject([{ name: 'one' }, { name: 'two' }]);
  expect(names(root)).toEqual(['sub', 'extra']);
});

test('conditions of deeper charts are found below the path of their parent (HELM-CVAL-03)', () => {
  const middle = chart('middle', { declared: [{ ...sub, condition: 'sub.on' }], below: [chart('sub')] });
  const root = chart('root', { declared: [{ name: 'middle', version: '1.x' }], below: [middle] });

  const processed = processDependencies(root, { middle: { sub: { on: false } } }).chart;

  expect(processed.dependencies.map(names)).toEqual([[]]);
});

test('values are imported below those of the parent, nulls included (HELM-CVAL-04)', () => {
  const child = chart('sub', { values: { exports: { data: { a: 'sub', b: 'sub' } }, more: { c: 1 } } });
  const declared = [{ ...sub, 'import-values': ['data', { child: 'more', parent: 'deep.er' }] }];
  const root = chart('root', { values: { a: 'root' }, declared, below: [child] });

  const { values } = processDependencies(root, {}).chart;

  expect(values).toMatchObject({ a: 'root', b: 'sub', deep: { er: { c: 1 } } });
  expect(root.values).toEqual({ a: 'root' });
});

test('odd values are warned of (HELM-CVAL-03, HELM-CVAL-04)', () => {
  const warnings: ChartWarning[] = [];
  const declared = [{ ...sub, condition: 'sub.on', 'import-values': [{ child: 'none', parent: '.' }] }];
  const root = chart('root', { values: { sub: { on: 1 } }, declared, below: [chart('sub')] });

  processDependencies(root, {}, (warning) => warnings.push(warning));

  expect(warnings).toEqual([
    { level: 'WARN', message: 'returned non-bool value', attributes: { path: 'sub.on', chart: 'sub' } },
    {
      level: 'WARN',
      message: 'ImportValues missing table from chart',
      attributes: { chart: 'sub', error: '"none" is not a table' },
    },
  ]);
});

test('a value that is no table in place of a subchart is an error (HELM-CVAL-05)', () => {
  const root = chart('root', { declared: [sub], below: [chart('sub')] });

  expect(() => processDependencies(root, { sub: 'text' })).toThrow(
    'chart dependencies processing failed: type mismatch on sub: %!t(string=text)',
  );
});

test('tables that are imported into themselves are an error, where Helm crashes', () => {
  const child = chart('sub', { values: { exports: { d: { x: { y: {} } } } } });
  const imports = ['d', { child: 'exports.d.x', parent: 'x.y' }];
  const root = chart('root', { declared: [{ ...sub, 'import-values': imports }], below: [child] });

  expect(() => processDependencies(root, {})).toThrow('values are nested too deeply');
});
