import { temporaryDirectory } from '@flux/fs';
import { createWatchCache } from '@flux/runtime';
import { startEmbeddedCluster } from '@flux/testkit';
import { expect, test } from 'vitest';
import { runFlux } from '../run.ts';

test('the flags of helm-controller are there with its defaults (HELM-CTRL-06)', async () => {
  let output = '';
  const code = await runFlux({
    args: ['manager', '--help'],
    cwd: '/',
    env: {},
    stdout: (text) => {
      output += text;
    },
    stderr: () => {},
  });

  expect(code).toBe(0);
  expect(output).toMatch(/--http-retry int .*\(default 9\)/);
  expect(output).toMatch(/--http-timeout duration .*\(default 30s\)/);
  expect(output).toMatch(/--snapshot-digest-algo .*\(default "?sha256"?\)/);
  expect(output).toMatch(/--requeue-dependency duration .*\(default 30s\)/);
  expect(output).toMatch(/--oom-watch-memory-threshold int .*\(default 95\)/);
  expect(output).toMatch(/--oom-watch-interval duration .*\(default 500ms\)/);
  const ownDefaults = ['oom-watch-max-memory-path', 'oom-watch-current-memory-path', 'graceful-shutdown-timeout'];
  for (const name of [
    ...ownDefaults,
    'default-kubeconfig-service-account',
    'concurrent',
    'override-manager',
    'default-service-account',
    'no-cross-namespace-refs',
  ]) {
    expect(output).toContain(`--${name}`);
  }
});

test('an account for tokens is refused without the gate that lets it be used (KUS-CTRL-04)', async () => {
  let output = '';
  const args = ['manager', '--default-kubeconfig-service-account=deployer'];
  const stderr = (text: string) => {
    output += text;
  };

  const code = await runFlux({ args, cwd: '/', env: {}, stdout: () => {}, stderr });

  expect(code).not.toBe(0);
  expect(output).toContain(
    'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
  );
});

test('each shard has a Lease of its own (KUS-CTRL-04)', async () => {
  await using world = await startEmbeddedCluster({ workloads: false });
  await using storage = await temporaryDirectory('manager');
  await world.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } });
  const stopping = new AbortController();
  const flags = ['--enable-leader-election', `--storage-path=${storage.path}`, '--storage-addr=127.0.0.1:0'];
  const probes = ['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', '--watch-label-selector=shard=1'];
  const args = ['manager', `--kubeconfig=${world.kubeconfig}`, ...flags, ...probes];
  const silent = { stdout: () => {}, stderr: () => {} };
  const running = runFlux({ args, cwd: '/', env: {}, ...silent, signal: stopping.signal });

  const watches = createWatchCache(world.cluster);
  const name = 'flux-manager-leader-election-da1cbd6a';
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'flux-system', name };
  await watches.waitFor(lease, (found) => found !== undefined, AbortSignal.timeout(60_000));

  stopping.abort();
  expect(await running).toBe(0);
  await watches.close();
});
