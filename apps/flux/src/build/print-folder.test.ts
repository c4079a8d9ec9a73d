import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { packToBytes, temporaryDirectory } from '@flux/fs';
import { startGitServer } from '@flux/testkit';
import { expect, test } from 'vitest';
import { runFlux } from '../run.ts';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

async function folder(files: Record<string, string>) {
  const directory = await temporaryDirectory('build-dir');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory.path, name, '..'), { recursive: true });
    await writeFile(join(directory.path, name), text);
  }
  return directory;
}

async function buildDir(cwd: string, ...args: string[]) {
  const streams = { stdout: '', stderr: '' };
  const exit = await runFlux({
    args: ['build', 'dir', ...args],
    env: {},
    cwd,
    stdout: (text) => {
      streams.stdout += text;
    },
    stderr: (text) => {
      streams.stderr += text;
    },
  });
  return { exit, ...streams };
}

test('prints the resources of the current folder, warnings apart', async () => {
  await using files = await folder({
    'kustomization.yaml': 'bases: [b]\n',
    'b/kustomization.yaml': 'resources: [c.yaml]\n',
    'b/c.yaml': configMap('a'),
  });

  const { exit, stdout, stderr } = await buildDir(files.path);

  expect({ exit, stdout }).toEqual({ exit: 0, stdout: configMap('a') });
  expect(stderr).toMatch(/^# Warning: 'bases' is deprecated.*\n$/);
});

test('the order and the load restriction are those of the flags', async () => {
  await using files = await folder({
    'app/kustomization.yaml': 'resources: [../c.yaml, n.yaml]\n',
    'app/n.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n',
    'c.yaml': configMap('a'),
  });
  const kinds = (text: string) => [...text.matchAll(/^kind: (.*)/gm)].map(([, kind]) => kind);
  const open = ['app', '--load-restrictor', 'LoadRestrictionsNone'];

  expect((await buildDir(files.path, 'app')).stderr).toContain(
    `security; file '${files.path}/c.yaml' is not in or below`,
  );
  expect(kinds((await buildDir(files.path, ...open)).stdout)).toEqual(['Namespace', 'ConfigMap']);
  expect(kinds((await buildDir(files.path, ...open, '--reorder=none')).stdout)).toEqual(['ConfigMap', 'Namespace']);
});

test('a folder to write to gets a file per resource, any other path the whole', async () => {
  const second = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: B\n  namespace: q\n';
  await using files = await folder({
    'kustomization.yaml': 'resources: [a.yaml]\n',
    'a.yaml': `${configMap('a')}---\n${second}`,
  });
  await mkdir(join(files.path, 'out'));

  expect(await buildDir(files.path, '-o', 'out')).toEqual({ exit: 0, stdout: '', stderr: '' });
  expect(await buildDir(files.path, '-o', 'all.yaml')).toEqual({ exit: 0, stdout: '', stderr: '' });

  expect(await readdir(join(files.path, 'out'))).toEqual([
    'default_v1_configmap_a.yaml',
    'q_apps_v1_deployment_b.yaml',
  ]);
  expect(await readFile(join(files.path, 'out', 'q_apps_v1_deployment_b.yaml'), 'utf8')).toBe(second);
  expect(await readFile(join(files.path, 'all.yaml'), 'utf8')).toBe(`${configMap('a')}---\n${second}`);
});

test('a name that leads out of the folder to write to is refused', async () => {
  await using files = await folder({
    'kustomization.yaml': 'resources: [a.yaml]\n',
    'a.yaml': configMap('../../x'),
    'out/x': '',
  });

  expect(await buildDir(files.path, '-o', 'out')).toMatchObject({
    exit: 1,
    stderr: "✗ ConfigMap '../../x' cannot be written to a file of its name\n",
  });
});

test('failures are one line, and unknown flag values name the known ones', async () => {
  await using files = await folder({});

  expect((await buildDir(files.path, 'gone')).stderr).toBe(
    `✗ must build at directory: not a valid directory: evalsymlink failure on '${files.path}/gone' : lstat ${files.path}/gone: no such file or directory\n`,
  );
  expect((await buildDir(files.path, 'a', 'b')).stderr).toBe('✗ specify one path to kustomization.yaml\n');
  expect((await buildDir(files.path, '--reorder=up')).stderr).toContain('legal values: [legacy none]');
});

test('remote bases are cloned, and a Git URL can be built itself', async () => {
  await using git = await startGitServer();
  await git.commit('base', {
    'deploy/kustomization.yaml': 'resources: [a.yaml]\n',
    'deploy/a.yaml': configMap('remote'),
  });
  const url = `${git.urlOf('base')}//deploy?ref=main`;
  await using files = await folder({ 'kustomization.yaml': `resources: ["${url}"]\nnamePrefix: x-\n` });

  expect(await buildDir(files.path)).toEqual({ exit: 0, stdout: configMap('x-remote'), stderr: '' });
  expect(await buildDir(files.path, url)).toEqual({ exit: 0, stdout: configMap('remote'), stderr: '' });
});

const chart = {
  'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'web/values.yaml': 'level: info\n',
  'web/templates/all.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  level: {{ .Values.level }}
`,
};
const rendered = (level: string) =>
  `apiVersion: v1\ndata:\n  level: ${level}\nkind: ConfigMap\nmetadata:\n  name: x-rel\n  namespace: apps\n`;

test('charts are rendered when that is asked for', async () => {
  const inChartHome = Object.fromEntries(Object.entries(chart).map(([name, text]) => [`charts/${name}`, text]));
  await using files = await folder({
    ...inChartHome,
    'kustomization.yaml':
      'namespace: apps\nnamePrefix: x-\nhelmCharts: [{name: web, releaseName: rel, valuesInline: {level: debug}}]\n',
  });

  expect((await buildDir(files.path)).stderr).toContain('must specify --enable-helm');
  expect(await buildDir(files.path, '--enable-helm')).toEqual({ exit: 0, stdout: rendered('debug'), stderr: '' });
});

test('a chart of a repository is downloaded, checked and rendered', async () => {
  await using source = await folder(chart);
  const { bytes: data, digest } = await packToBytes(source.path);
  const index = (sha: string) =>
    `apiVersion: v1\nentries:\n  web:\n  - {name: web, version: 1.0.0, urls: [web-1.0.0.tgz], digest: "${sha}"}\n`;
  const contents: Record<string, Uint8Array | string> = {
    '/good/index.yaml': index(digest.replace('sha256:', '')),
    '/good/web-1.0.0.tgz': data,
    '/bad/index.yaml': index('0'.repeat(64)),
    '/bad/web-1.0.0.tgz': data,
  };
  const server = createServer((request, response) => response.end(contents[request.url ?? ''])).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const kustomization = (repo: string) =>
    `namespace: apps\nnamePrefix: x-\nhelmCharts: [{name: web, releaseName: rel, version: ">=1", repo: "http://127.0.0.1:${port}/${repo}"}]\n`;
  try {
    await using good = await folder({ 'kustomization.yaml': kustomization('good') });
    await using bad = await folder({ 'kustomization.yaml': kustomization('bad') });

    expect(await buildDir(good.path, '--enable-helm')).toEqual({ exit: 0, stdout: rendered('info'), stderr: '' });
    expect((await buildDir(bad.path, '--enable-helm')).stderr).toContain('does not have the digest');
    expect(await readdir(good.path)).toEqual(['kustomization.yaml']);
  } finally {
    server.close();
  }
});
