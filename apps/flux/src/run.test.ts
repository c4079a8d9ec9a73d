import { expect, test } from 'vitest';
import { runFlux } from './run.ts';

async function run(...args: string[]) {
  const streams = { stdout: '', stderr: '' };
  const exit = await runFlux({
    args,
    env: {},
    stdout: (text) => {
      streams.stdout += text;
    },
    stderr: (text) => {
      streams.stderr += text;
    },
    connect: async () => {
      throw new Error('no cluster in this test');
    },
  });
  return { exit, ...streams };
}

test('prints the version', async () => {
  expect(await run('--version')).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^flux version \d+\.\d+\.\d+\n$/),
  });
});

test.each([
  [['nope'], 'unknown command "nope" for "flux"'],
  [['check', '--nope'], 'unknown flag: --nope'],
  [['suspend', 'ks'], 'kustomization name is required'],
  [['build', 'ks'], 'kustomization name is required'],
  [['export', 'ks'], 'name is required'],
  [['reconcile', 'source', 'git'], 'GitRepository name is required'],
  [['install', '--export', '--components=foo'], 'component foo is not available'],
  [['install', 'extra'], 'unknown command "extra" for "flux install"'],
  [['install', '-n', '@#[]'], 'namespace must be a valid DNS label: "@#[]"'],
  [['get', 'all', '-w'], 'expected a single resource type, but found all'],
  [
    ['get', 'ks', '--status-selector', 'Ready'],
    'expected status selector in type=status or type!=status format, but found: Ready',
  ],
  [['events', '--types', 'x'], "type 'x' not supported. Supported types are Normal, Warning"],
  [['debug', 'ks', 'x'], 'exactly one of --show-status, --show-vars, or --show-history must be set'],
])('fails on %j with one line on stderr', async (args, message) => {
  expect(await run(...args)).toEqual({ exit: 1, stdout: '', stderr: `✗ ${message}\n` });
});

test('proposes the command that was meant', async () => {
  expect((await run('gett')).stderr).toContain('Did you mean this?\n\tget\n');
});

test('prints the help of a group that is called alone, with success', async () => {
  const { exit, stdout, stderr } = await run('get');

  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  expect(stdout).toContain('Usage:\n  flux get [command]\n\nAvailable Commands:\n');
  expect(stdout).toContain(
    '\nFlags:\n  -A, --all-namespaces           list the requested object(s) across all namespaces\n',
  );
  expect(stdout).toMatch(/\n\nUse "flux get \[command\] --help" for more information about a command\.\n$/);
});

test('completes commands, flags and choices', async () => {
  expect((await run('__complete', 'get', 'kust')).stdout).toBe('kustomizations\tGet Kustomization statuses\n:4\n');
  expect((await run('__complete', 'logs', '--level', 'e')).stdout).toBe('error\n:4\n');
  expect((await run('__complete', 'suspend', 'ks', '--al')).stdout).toContain('--all\t');
});

test('takes the namespace of the environment unless it is no label', async () => {
  const warned = await runFluxWith({ FLUX_SYSTEM_NAMESPACE: 'Not_A_Label' });

  expect(warned).toContain('⚠️ ignoring invalid FLUX_SYSTEM_NAMESPACE');
});

async function runFluxWith(env: Record<string, string>): Promise<string> {
  let stderr = '';
  await runFlux({
    args: ['version', '--client'],
    env,
    stdout: () => undefined,
    stderr: (text) => {
      stderr += text;
    },
  });
  return stderr;
}

test('exports an installation whose objects all belong to Flux', async () => {
  const { exit, stdout } = await run(
    'install',
    '--export',
    '--toleration-keys=a',
    '--image=registry.test/flux:v1',
    '-n',
    'fleet',
  );

  const documents = stdout.split(/^---\n/m).filter((text) => text !== '');
  expect(exit).toBe(0);
  expect(stdout).toContain('# Components: source-controller,kustomize-controller,helm-controller\n');
  expect(documents.every((text) => text.includes('app.kubernetes.io/part-of: flux'))).toBe(true);
  expect(stdout).toContain('image: registry.test/flux:v1');
  expect(stdout).toContain('name: crd-controller-fleet');
});
