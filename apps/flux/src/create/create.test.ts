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
  [['source', 'git', 'app'], 'url is required'],
  [['source', 'git', 'app', '--url=ftp://x.test', '--branch=main'], "git URL scheme 'ftp' not supported"],
  [['source', 'git', 'app', '--url=https://x.test'], 'a Git ref is required'],
  [['source', 'git', 'app', '--url=https://x.test', '--tag=1', '--provider', ''], 'no source Git provider given'],
])('refuses create %j', async (args, message) => {
  const { exit, stdout, stderr } = await create(...args);

  expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
  expect(stderr).toContain(message);
});
