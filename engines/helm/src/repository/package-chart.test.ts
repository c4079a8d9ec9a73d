import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { expect, test } from 'vitest';
import type { Chart, ChartFile } from '../chart/chart.ts';
import { loadChartArchive } from '../chart/load-archive.ts';
import { packageChart } from './package-chart.ts';

const file = (name: string, text: string): ChartFile => ({ name, data: Buffer.from(text) });
const values = file('values.yaml', '# kept\na: 1\n');
const subchart: Chart = {
  metadata: { name: 'sub', version: '0.1.0', apiVersion: 'v1', dependencies: [{ name: 'x' }] },
  values: {},
  templates: [],
  files: [file('requirements.yaml', 'dependencies:\n- name: x\n')],
  raw: [],
  dependencies: [],
};
const chart: Chart = {
  metadata: { name: 'app', version: '1.0.0', apiVersion: 'v2', description: 'b' },
  lock: { generated: '2026-01-01T00:00:00Z', digest: 'sha256:x', dependencies: [] },
  values: { a: 1 },
  schema: Buffer.from('{}'),
  templates: [file('templates/a.yaml', 'kind: A\n')],
  files: [file('README.md', 'read me\n')],
  raw: [values],
  dependencies: [subchart],
};

test('a chart is packaged in the order of Helm, with its modes and without times (SRC-HCHART-19)', async () => {
  const entries = await unpackTar(gunzipSync(await packageChart(chart)));

  expect(entries.map(({ header }) => header.name)).toEqual([
    'app/Chart.yaml',
    'app/Chart.lock',
    'app/values.yaml',
    'app/values.schema.json',
    'app/templates/a.yaml',
    'app/README.md',
    'app/charts/sub/Chart.yaml',
    'app/charts/sub/requirements.yaml',
  ]);
  expect(entries[0]!.header).toMatchObject({ mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) });
  expect(Buffer.from(entries[0]!.data!).toString()).toBe('apiVersion: v2\ndescription: b\nname: app\nversion: 1.0.0\n');
  expect(Buffer.from(entries[6]!.data!).toString()).toBe('apiVersion: v1\nname: sub\nversion: 0.1.0\n');
});

test('the same chart has the same bytes, and is loaded as it was (SRC trap 6)', async () => {
  const packed = await packageChart(chart);
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

  expect(digest(await packageChart({ ...chart }))).toBe(digest(packed));
  const loaded = await loadChartArchive(packed);
  expect(loaded.metadata).toMatchObject(chart.metadata);
  expect(loaded.values).toEqual({ a: 1 });
  expect(digest(await packageChart(loaded))).toBe(digest(packed));
});

test('names that are longer than a header of tar are kept', async () => {
  const name = `files/${'a'.repeat(90)}/${'b'.repeat(90)}/ü.txt`;

  const loaded = await loadChartArchive(await packageChart({ ...chart, files: [file(name, 'x')] }));

  expect(loaded.files.map((found) => found.name)).toContain(name);
});

test('metadata is validated and cleaned as Helm does it', async () => {
  const packed = (metadata: object) => packageChart({ ...chart, metadata: { ...chart.metadata, ...metadata } });

  await expect(packed({ version: 'one' })).rejects.toThrow(
    'chart validation: validation: chart.metadata.version "one" is invalid',
  );
  expect((await loadChartArchive(await packed({ description: 'a\tb\u0007' }))).metadata.description).toBe('a b');
});

test('a name that is a path and a schema that is no JSON are refused', async () => {
  await expect(packageChart({ ...chart, metadata: { ...chart.metadata, name: '../x' } })).rejects.toMatchObject({
    code: 'HELM_PACKAGE',
  });
  await expect(packageChart({ ...chart, schema: Buffer.from('{') })).rejects.toThrow(
    'invalid JSON in values.schema.json',
  );
});
