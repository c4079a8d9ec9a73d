import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runFlux } from '../run.ts';

const release = (message: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: app
  namespace: apps
spec:
  interval: 1h
  chart:
    spec:
      chart: ./charts/app
      sourceRef:
        kind: GitRepository
        name: repo
  valuesFrom:
    - kind: Secret
      name: app-values
  values:
    message: ${message}
`;
const secret = `apiVersion: v1
kind: Secret
metadata:
  name: app-values
  namespace: apps
stringData:
  values.yaml: |
    token: hidden
`;
const template = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  message: {{ .Values.message }}
  token: {{ .Values.token }}
`;

let directory: TemporaryDirectory;

async function write(folder: string, message: string): Promise<void> {
  const files = {
    'release.yaml': `${release(message)}---\n${secret}`,
    'charts/app/Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0.0\n',
    'charts/app/templates/config.yaml': template,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory.path, folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

async function flux(...args: string[]) {
  let output = '';
  let errors = '';
  const code = await runFlux({
    args,
    cwd: directory.path,
    env: {},
    stdout: (text) => {
      output += text;
    },
    stderr: (text) => {
      errors += text;
    },
  });
  return { code, output, errors };
}

beforeEach(async () => {
  directory = await temporaryDirectory('helm-release');
  await write('new', 'after');
  await write('old', 'before');
});

afterEach(() => directory[Symbol.asyncDispose]());

test('a release is rendered from a repository folder without a cluster', async () => {
  const { code, output } = await flux('build', 'hr', 'app', '-n', 'apps', '--path', 'new', '--dry-run');

  expect(code).toBe(0);
  expect(output).toBe(`---
# Source: app/templates/config.yaml
apiVersion: v1
data:
  message: after
  token: hidden
kind: ConfigMap
metadata:
  labels:
    helm.toolkit.fluxcd.io/name: app
    helm.toolkit.fluxcd.io/namespace: apps
  name: app
`);
});

test('two folders are compared without a cluster', async () => {
  const { code, output } = await flux('diff', 'hr', 'app', '-n', 'apps', '--path', 'new', '--against', 'old');

  expect(code).toBe(1);
  expect(output).toContain('► ConfigMap/app drifted');
  expect(output).toContain('data.message\n± value change\n- before\n+ after\n');
});

test('folders with the same release do not differ', async () => {
  expect((await flux('diff', 'hr', 'app', '-n', 'apps', '--path', 'new', '--against', 'new')).code).toBe(0);
});

test('a release that the folder has not is named', async () => {
  const { code, errors } = await flux('build', 'hr', 'gone', '-n', 'apps', '--path', 'new', '--dry-run');

  expect(code).toBe(1);
  expect(errors).toContain('helmreleases.helm.toolkit.fluxcd.io "gone" not found in ');
});

test('what to print of a release has to be chosen', async () => {
  const { code, errors } = await flux('debug', 'hr', 'app', '-n', 'apps');

  expect(code).toBe(1);
  expect(errors).toContain('exactly one of --show-status, --show-values, or --show-history must be set');
});

test('the final values of a release are printed from a repository folder without a cluster', async () => {
  const args = ['debug', 'hr', 'app', '-n', 'apps', '--show-values', '--path', 'new', '--dry-run'];

  expect(await flux(...args)).toMatchObject({ code: 0, output: 'message: after\ntoken: hidden\n' });
});

test('the status of a release is not looked for in a folder', async () => {
  const { code, errors } = await flux('debug', 'hr', 'app', '-n', 'apps', '--show-status', '--path', 'new');

  expect(code).toBe(1);
  expect(errors).toContain('--path and --dry-run are for --show-values');
});
