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
