import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryFileSystem, rootedFileSystem, temporaryDirectory } from '@flux/fs';
import { expect, test } from 'vitest';
import { loadChart, loadChartFolder } from './load-folder.ts';

const chartYaml = 'apiVersion: v2\nname: demo\nversion: 1.0.0\n';

test('a folder becomes a chart, without what .helmignore names (HELM-LOAD-05)', async () => {
  const fs = memoryFileSystem({
    '/demo/Chart.yaml': chartYaml,
    '/demo/.helmignore': '# comment\n*.bak\nsecret/\n/only-here.txt\n',
    '/demo/values.yaml': 'a: 1\n',
    '/demo/templates/x.yaml': 'x',
    '/demo/templates/.hidden': 'x',
    '/demo/old.bak': 'x',
    '/demo/secret/key': 'x',
    '/demo/only-here.txt': 'x',
    '/demo/deep/only-here.txt': 'x',
    '/demo/charts/sub/Chart.yaml': chartYaml.replace('demo', 'sub'),
  });

  const chart = await loadChart(fs, '/demo');

  expect(chart.templates.map(({ name }) => name)).toEqual(['templates/x.yaml']);
  expect(chart.files.map(({ name }) => name)).toEqual(['.helmignore', 'deep/only-here.txt']);
  expect(chart.dependencies.map(({ metadata }) => metadata.name)).toEqual(['sub']);
});

test('a values file in place of a chart is recognised', async () => {
  const fs = memoryFileSystem({ '/values.yaml': 'a: 1\n', '/x.txt': 'text' });

  await expect(loadChart(fs, '/values.yaml')).rejects.toThrow(
    "file '/values.yaml' seems to be a YAML file, but expected a gzipped archive",
  );
  await expect(loadChart(fs, '/x.txt')).rejects.toThrow(
    "file '/x.txt' does not appear to be a gzipped archive; got 'text/plain; charset=utf-8'",
  );
});

test('links inside of the folder are followed, others and circles are errors', async () => {
  await using directory = await temporaryDirectory('helm-folder');
  const chart = join(directory.path, 'demo');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), chartYaml);
  writeFileSync(join(chart, 'templates', 'real.yaml'), 'x');
  symlinkSync('real.yaml', join(chart, 'templates', 'link.yaml'));
  const fs = rootedFileSystem(chart);

  const loaded = await loadChartFolder(fs, chart);

  expect(loaded.templates.map(({ name }) => name)).toEqual(['templates/link.yaml', 'templates/real.yaml']);
  symlinkSync('..', join(chart, 'templates', 'up'));
  await expect(loadChartFolder(fs, chart)).rejects.toThrow('it leads back to itself');
  writeFileSync(join(chart, '.helmignore'), 'up\n');
  symlinkSync('/etc/hostname', join(chart, 'outside'));
  await expect(loadChartFolder(fs, chart)).rejects.toThrow('outside');
});

test('a folder has the limits of an archive', async () => {
  const fs = memoryFileSystem({ '/demo/Chart.yaml': chartYaml, '/demo/x': 'x'.repeat(100) });

  await expect(loadChartFolder(fs, '/demo', { maxBytes: 120 })).rejects.toThrow(
    'error reading x: chart exceeds maximum decompressed size of 120 bytes',
  );
});

test.each(['a/**/b', '[a'])('the rule %s is an error (HELM-LOAD-05)', async (rule) => {
  const fs = memoryFileSystem({ '/demo/Chart.yaml': chartYaml, '/demo/.helmignore': rule });

  await expect(loadChartFolder(fs, '/demo')).rejects.toThrow(/double-star|syntax error in pattern/);
});

test('a negated rule leaves out whatever it does not match, as in Helm (HELM-LOAD-05)', async () => {
  const fs = memoryFileSystem({
    '/demo/Chart.yaml': chartYaml,
    '/demo/.helmignore': '!*.yaml\n',
    '/demo/keep.yaml': 'x',
    '/demo/drop.txt': 'x',
  });

  const chart = await loadChartFolder(fs, '/demo');

  expect(chart.files.map(({ name }) => name)).toEqual(['keep.yaml']);
});
