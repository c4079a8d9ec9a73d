import { expect, test } from 'vitest';
import type { Chart, ChartFile } from '../chart/chart.ts';
import {
  effectiveValuesFiles,
  mergeChartValues,
  overwriteDefaultValues,
  withBuildMetadata,
  withChartVersion,
} from './chart-values.ts';

const file = (name: string, text: string): ChartFile => ({ name, data: Buffer.from(text) });
const chart: Chart = {
  metadata: { name: 'app', version: '1.0.0', apiVersion: 'v2' },
  values: { a: { b: 1, c: [1, 2] } },
  templates: [],
  files: [
    file('values-prod.yaml', 'a:\n  c: [3]\n  d: null\n__proto__: {x: 1}\n'),
    file('ci/empty.yaml', ''),
    file('list.yaml', '- 1\n'),
    file('broken.yaml', 'a: [\n'),
  ],
  raw: [file('values.yaml', 'a: {b: 1, c: [1, 2]}\n')],
  dependencies: [],
};

test('values files of a chart are merged deeply, later ones win, lists are replaced (SRC-HCHART-17)', () => {
  const { values, files } = mergeChartValues(chart, ['values.yaml', './values-prod.yaml', 'ci/empty.yaml']);

  expect(JSON.stringify(values)).toBe('{"a":{"b":1,"c":[3],"d":null},"__proto__":{"x":1}}');
  expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  expect(files).toEqual(['values.yaml', './values-prod.yaml', 'ci/empty.yaml']);
  expect(chart.values).toEqual({ a: { b: 1, c: [1, 2] } });
});

test('a values file that is missing is an error unless it may be (SRC-HCHART-17)', () => {
  expect(() => mergeChartValues(chart, ['gone.yaml'])).toThrow("no values file found at path 'gone.yaml'");
  expect(() => mergeChartValues(chart, ['../values.yaml'])).toThrow("no values file found at path '../values.yaml'");
  expect(mergeChartValues(chart, ['gone.yaml', 'values.yaml'], { ignoreMissing: true }).files).toEqual(['values.yaml']);
});

test.each(['list.yaml', 'broken.yaml'])('a values file that is no map names its path: %s', (path) => {
  expect(() => mergeChartValues(chart, [path])).toThrow(`unmarshaling values from '${path}' failed`);
});

test('values.yaml alone is no values file (SRC trap 9)', () => {
  expect(effectiveValuesFiles(['./values.yaml'])).toEqual([]);
  expect(effectiveValuesFiles(['values.yaml', 'b.yaml'])).toHaveLength(2);
});

test('default values are overwritten only if there are other ones (SRC-HCHART-19)', () => {
  const changed = overwriteDefaultValues(chart, { a: 2 });

  expect(Buffer.from(changed.raw[0]!.data).toString()).toBe('a: 2\n');
  expect(changed.values).toEqual({ a: 2 });
  expect(overwriteDefaultValues(changed, { a: 2 })).toBe(changed);
  expect(() => overwriteDefaultValues({ ...chart, raw: [] }, { a: 2 })).toThrow(
    'failed to locate values file: values.yaml',
  );
});

test('build metadata is replaced (SRC-HCHART-15)', () => {
  expect(withBuildMetadata('v1.2-rc.1+old', '0123456789ab.7')).toBe('1.2.0-rc.1+0123456789ab.7');
  expect(() => withBuildMetadata('one', '7')).toThrow('invalid semantic version');
  expect(withChartVersion(chart, '2.0.0').metadata).toMatchObject({ name: 'app', version: '2.0.0' });
});
