import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadChartArchive } from './load-archive.ts';

const chartYaml = 'apiVersion: v2\nname: demo\nversion: 1.0.0\n';

interface Entry {
  name: string;
  data?: string | Uint8Array;
  type?: string;
  /** What the header says, if it lies. */
  size?: number;
}

function tar(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, data = '', type = '0', size }) => {
    const bytes = Buffer.from(data);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124);
    header.write('14600000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write('ustar\u000000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const tgz = (entries: readonly Entry[]) => gzipSync(tar(entries));
const demo = { name: 'demo/Chart.yaml', data: chartYaml };

test('an archive becomes a chart whose files are sorted into their places (HELM-LOAD-01, HELM-LOAD-02, HELM-LOAD-04)', async () => {
  const chart = await loadChartArchive(
    tgz([
      demo,
      { name: 'demo/values.yaml', data: '\ufeffa: 1\n---\nb: {c: 2}\n' },
      { name: 'demo/templates/x.yaml', data: 'x' },
      { name: 'demo/crds/y.yaml', data: 'y' },
      { name: 'demo/values.schema.json', data: '{}' },
      { name: 'demo/charts/sub/Chart.yaml', data: chartYaml.replace('demo', 'sub') },
      { name: 'demo/charts/_off/Chart.yaml', data: 'never read' },
      { name: 'demo/charts/other-1.0.0.tgz', data: tgz([{ ...demo, data: chartYaml.replace('demo', 'other') }]) },
    ]),
  );

  expect(chart.metadata).toMatchObject({ name: 'demo', version: '1.0.0' });
  expect(chart.values).toEqual({ a: 1, b: { c: 2 } });
  expect(chart.templates.map(({ name }) => name)).toEqual(['templates/x.yaml']);
  expect(chart.files.map(({ name }) => name)).toEqual(['crds/y.yaml']);
  expect(Buffer.from(chart.schema ?? []).toString()).toBe('{}');
  expect(chart.dependencies.map(({ metadata }) => metadata.name)).toEqual(['other', 'sub']);
  expect(chart.templates[0]?.modifiedAt).toEqual(new Date(0o14600000000 * 1000));
});

test.each([
  ['v1', ['charts/sub.tgz.prov', 'requirements.yaml', 'requirements.lock']],
  ['v2', ['charts/sub.tgz.prov']],
])('requirements of a chart %s are its dependencies (HELM-LOAD-02, HELM-LOAD-04)', async (apiVersion, files) => {
  const chart = await loadChartArchive(
    tgz([
      { ...demo, data: chartYaml.replace('v2', apiVersion) },
      { name: 'demo/charts/sub.tgz.prov', data: 'signed' },
      { name: 'demo/requirements.yaml', data: 'dependencies: [{name: db, version: 1.x}]\n' },
      { name: 'demo/requirements.lock', data: 'digest: sha256:x\n' },
    ]),
  );

  expect(chart.metadata.dependencies).toMatchObject([{ name: 'db', version: '1.x' }]);
  expect(chart.lock?.digest).toBe('sha256:x');
  expect(chart.files.map(({ name }) => name)).toEqual(files);
  expect(chart.dependencies).toEqual([]);
});

test.each([
  ['demo/../../evil', 'chart illegally references parent directory'],
  ['demo//etc/passwd', 'chart illegally contains absolute paths'],
  ['demo\\..\\..\\evil', 'chart illegally references parent directory'],
  ['demo/c:/evil', 'chart contains illegally named files'],
  ['Chart.yaml', 'chart illegally contains content outside the base directory: "Chart.yaml"'],
  ['Chart.yaml/x', 'chart yaml not in base directory'],
])('the name %s is refused (HELM-LOAD-01)', async (name, message) => {
  await expect(loadChartArchive(tgz([demo, { name, data: 'x' }]))).rejects.toThrow(message);
});

test('a link is an empty file that leads nowhere', async () => {
  const chart = await loadChartArchive(tgz([demo, { name: 'demo/link', type: '2' }]));

  expect(chart.files).toMatchObject([{ name: 'link', data: { length: 0 } }]);
});

test('files and archives beyond the limits are refused by their headers already (HELM-LOAD-01)', async () => {
  const big = { name: 'demo/big', size: 6 * 1024 * 1024 };
  await expect(loadChartArchive(tgz([demo, big]))).rejects.toThrow(
    'decompressed chart file "demo/big" is larger than the maximum file size 5242880',
  );
  await expect(loadChartArchive(tgz([demo]), { maxBytes: 10 })).rejects.toThrow(
    'decompressed chart is larger than the maximum size 10',
  );
});

test('zeros that unpack without end are not unpacked', async () => {
  const zeros = gzipSync(Buffer.alloc(8 * 1024 * 1024));

  await expect(loadChartArchive(zeros, { maxBytes: 1024 * 1024 })).rejects.toThrow(
    'decompressed chart is larger than the maximum size 1048576',
  );
});

test('archives inside of an archive share its limits', async () => {
  const inner = tgz([demo, { name: 'demo/data', data: Buffer.alloc(400_000) }]);
  const outer = tgz([demo, ...[1, 2, 3].map((index) => ({ name: `demo/charts/x${index}.tgz`, data: inner }))]);

  await expect(loadChartArchive(outer, { maxBytes: 1_000_000 })).rejects.toThrow(
    'error unpacking subchart x3.tgz in demo: decompressed chart is larger than the maximum size 1000000',
  );
  await expect(loadChartArchive(outer, { maxDepth: 1 })).rejects.toThrow('nested too deeply');
});

test.each([
  ['nothing', new Uint8Array(), 'gzip: invalid header'],
  ['no archive', Buffer.from('apiVersion: v2, and more of it'), 'gzip: invalid header'],
  ['a tar cut short', gzipSync(tar([demo, { name: 'demo/x', data: 'x', size: 4000 }])), 'unexpected EOF'],
  ['a header that does not add up', gzipSync(Buffer.alloc(1024, 1)), 'archive/tar: invalid tar header'],
  ['no files', tgz([{ name: 'demo/', type: '5' }]), 'no files in chart archive'],
  ['no Chart.yaml', tgz([{ name: 'demo/x', data: 'x' }]), 'Chart.yaml file is missing'],
  [
    'broken values',
    tgz([demo, { name: 'demo/values.yaml', data: '[a]' }]),
    'cannot load values.yaml: cannot unmarshal',
  ],
])('%s is an error that says so (HELM-LOAD-01, HELM-LOAD-02)', async (_name, data, message) => {
  await expect(loadChartArchive(data)).rejects.toThrow(message);
});

test('an archive cut short is an error', async () => {
  const whole = tgz([demo, { name: 'demo/x', data: Buffer.from(Array.from({ length: 5000 }, (_, i) => i * 7919)) }]);

  await expect(loadChartArchive(whole.subarray(0, whole.length - 200))).rejects.toThrow();
});

test('long names come from pax and GNU headers', async () => {
  const long = `demo/${'x'.repeat(120)}`;
  const record = (text: string) => `${text.length + 5} ${text}\n`;
  const chart = await loadChartArchive(
    tgz([
      demo,
      { name: 'pax', type: 'x', data: record(`path=${long}1`) },
      { name: 'short', data: '1' },
      { name: '././@LongLink', type: 'L', data: `${long}2\0` },
      { name: 'short', data: '2' },
    ]),
  );

  expect(chart.files.map(({ name }) => name)).toEqual([`${long.slice(5)}1`, `${long.slice(5)}2`]);
});
