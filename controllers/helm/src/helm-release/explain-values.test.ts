import type { HelmRelease } from '@flux/api';
import type { Chart } from '@flux/helm';
import { expect, test } from 'vitest';
import { explainValues, findOrigins } from './explain-values.ts';

const template = 'a: 1\nb: {{ .Values.db.host.name }}\nc: {{ .Values.size }}\n';
const chart: Chart = {
  metadata: { name: 'demo', version: '1.0.0', apiVersion: 'v2' },
  values: { size: 1 },
  templates: [{ name: 'templates/x.yaml', data: Buffer.from(template) }],
  files: [],
  raw: [],
  dependencies: [],
};
const object = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'demo', namespace: 'ns' },
  spec: { valuesFrom: [{ kind: 'ConfigMap', name: 'db' }], values: { size: 2 } },
} as unknown as HelmRelease;
const origins = () => findOrigins(object, chart, async () => ({ 'values.yaml': 'db: {host: null}' }));

test('the line of a failing template tells which values it reads, and where they come from', async () => {
  expect(explainValues('demo/templates/x.yaml:3:5 executing: wrong type', chart, await origins())).toEqual([
    '.Values.size comes from spec.values',
  ]);
});

test('a value that nobody sets is told with the part that somebody does', async () => {
  const error =
    'demo/templates/x.yaml:2:12\n  executing "x" at <.Values.db.host.name>:\n    nil pointer evaluating interface {}.name';

  expect(explainValues(error, chart, await origins())).toEqual([
    '.Values.db.host.name is set by none of spec.values, ConfigMap/ns/db key values.yaml, values.yaml of the chart; .Values.db.host comes from ConfigMap/ns/db key values.yaml',
  ]);
});

test('an error without a place in a template says nothing', async () => {
  expect(explainValues('chart requires kubeVersion', chart, await origins())).toEqual([]);
});
