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
  for (const name of ['concurrent', 'override-manager', 'default-service-account', 'no-cross-namespace-refs']) {
    expect(output).toContain(`--${name}`);
  }
});
