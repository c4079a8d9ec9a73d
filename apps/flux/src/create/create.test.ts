import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import { expect, test } from 'vitest';
import { runFlux } from '../run.ts';

async function create(...args: string[]) {
  let [stdout, stderr] = ['', ''];
  const exit = await runFlux({
    args: ['create', ...args, '--export'],
    env: {},
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
  });
  return { exit, stdout, stderr };
}

test('prints a Kustomization with everything that was asked for and nothing else', async () => {
  const { stdout, stderr } = await create(
    ...['ks', 'podinfo', '--source=gitrepository/podinfo.infra', '--path=deploy/../apps', '--prune', '--wait'],
    ...['--depends-on=infra/db,cache', '--label=team=a', '--interval=90s', '--timeout=1s'],
  );

  expect(stderr).toBe('');
  expect(stdout).toBe(`---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  labels:
    team: a
  name: podinfo
  namespace: flux-system
spec:
  dependsOn:
  - name: db
    namespace: infra
  - name: cache
  interval: 1m30s
  path: ./apps
  prune: true
  sourceRef:
    kind: GitRepository
    name: podinfo
    namespace: infra
  timeout: 2m0s
  wait: true
`);
});

test.each([
  [['ks'], 'name is required'],
  [['ks', 't'], "name 't' is invalid"],
  [['ks', 'app'], 'source is required'],
  [['ks', 'app', '--source=Foo/x'], "source kind 'Foo' is not supported"],
  [['ks', 'app', '--source=x', '--health-check=Pod/x.y'], "invalid health check kind 'Pod'"],
  [['ks', 'app', '--source=x', '--label=a'], "invalid label format 'a'"],
  [['source', 'helm', 'app'], 'url is required'],
  [['source', 'helm', 'app', '--url=git://x.test'], "url scheme 'git' not supported"],
  [['source', 'chart', 'app', '--chart=x'], 'chart source is required'],
  [['source', 'chart', 'app', '--source=foo/x', '--chart=x'], "source kind 'foo' is not supported"],
  [['hr', 'app'], 'chart or chart-ref is required'],
  [['hr', 'app', '--chart=x', '--chart-ref=HelmChart/x'], 'cannot use --chart in combination with --chart-ref'],
  [['source', 'git', 'app'], 'url is required'],
  [['source', 'git', 'app', '--url=ftp://x.test', '--branch=main'], "git URL scheme 'ftp' not supported"],
  [['source', 'git', 'app', '--url=https://x.test'], 'a Git ref is required'],
  [['source', 'git', 'app', '--url=https://x.test', '--tag=1', '--provider', ''], 'no source Git provider given'],
])('refuses create %j', async (args, message) => {
  const { exit, stdout, stderr } = await create(...args);

  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(stderr).toContain(message);
});

test('prints a HelmRelease with the chart, its values and its policies', async () => {
  await using directory = await temporaryDirectory('create-helmrelease');
  await writeFile(join(directory.path, 'a.yaml'), 'a: 1\nmap: {p: 1}\n');
  await writeFile(join(directory.path, 'b.yaml'), 'map: {q: 2}\n');

  const { stdout, stderr } = await create(
    ...['hr', 'podinfo', '--source=helmrepository/podinfo.infra', '--chart=podinfo', '--chart-version=6.x'],
    ...['--target-namespace=apps', '--create-target-namespace', '--crds=CreateReplace', '--values-from=secret/s'],
    ...[`--values=${directory.path}/a.yaml,${directory.path}/b.yaml`, '--depends-on=infra/db'],
  );

  expect(stderr).toBe('');
  expect(stdout).toBe(`---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: podinfo
  namespace: flux-system
spec:
  chart:
    spec:
      chart: podinfo
      reconcileStrategy: ChartVersion
      sourceRef:
        kind: HelmRepository
        name: podinfo
        namespace: infra
      version: 6.x
  dependsOn:
  - name: db
    namespace: infra
  install:
    crds: Create
    createNamespace: true
  interval: 1m0s
  storageNamespace: apps
  targetNamespace: apps
  upgrade:
    crds: CreateReplace
  values:
    a: 1
    map:
      p: 1
      q: 2
  valuesFrom:
  - kind: Secret
    name: s
`);
});
