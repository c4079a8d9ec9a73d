import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import { expect, test } from 'vitest';
import { runFlux } from '../run.ts';

async function folder(files: Record<string, string>) {
  const directory = await temporaryDirectory('build-chart');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory.path, name, '..'), { recursive: true });
    await writeFile(join(directory.path, name), text);
  }
  return directory;
}

async function buildChart(cwd: string, args: readonly string[], stdin = '') {
  const streams = { stdout: '', stderr: '' };
  const exit = await runFlux({
    args: ['build', 'chart', ...args],
    env: {},
    cwd,
    stdin: async function* () {
      yield stdin;
    },
    stdout: (text) => {
      streams.stdout += text;
    },
    stderr: (text) => {
      streams.stderr += text;
    },
  });
  return { exit, ...streams };
}

const chart = {
  'app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
  'app/values.yaml': 'a: default\nb: default\n',
  'app/templates/one.yaml':
    'a: {{ .Values.a }}\nb: {{ .Values.b }}\nof: {{ .Release.Namespace }}/{{ .Release.Name }}\n',
  'app/templates/NOTES.txt': 'Thank you.\n',
};

test('prints the manifests of a chart, values of flags over those of files over its own', async () => {
  await using files = await folder({ ...chart, 'mine.yaml': 'a: file\nb: file\n' });

  const result = await buildChart(files.path, ['app', '-f', 'mine.yaml', '--set', 'b=flag', '--name', 'x', '-n', 'y']);

  expect(result).toEqual({
    exit: 0,
    stdout: '---\n# Source: app/templates/one.yaml\na: file\nb: flag\nof: y/x\n',
    stderr: '',
  });
});

test('the release is called release-name in the namespace default; values can come from the input', async () => {
  await using files = await folder(chart);

  const { stdout } = await buildChart(files.path, ['app', '-f', '-'], 'a: typed\n');

  expect(stdout).toContain('a: typed\nb: default\nof: default/release-name\n');
});

test("a failure has Helm's words once and exit code 1", async () => {
  await using files = await folder({ ...chart, 'app/templates/two.yaml': '{{ fail "no" }}' });

  expect(await buildChart(files.path, ['app'])).toEqual({
    exit: 1,
    stdout: '',
    stderr: '✗ execution error at (app/templates/two.yaml:1:3): no\n',
  });
});

test('what cannot be done is said', async () => {
  await using files = await folder(chart);
  const failure = async (...args: string[]) => (await buildChart(files.path, args)).stderr;

  expect(await failure('nowhere')).toBe('✗ path "nowhere" not found\n');
  expect(await failure('oci://registry/app')).toContain('is a URL');
  expect(await failure('app', '-f', 'none.yaml')).toBe('✗ open none.yaml: no such file or directory\n');
  expect(await failure('app', '--dependency-update')).toContain('--dependency-update is not available');
  expect(await failure('app', '--show-only', 'templates/x.yaml')).toContain('could not find template templates/x.yaml');
});
