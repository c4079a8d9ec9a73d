import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './source-files.ts';

interface Counts {
  passed: number;
  failed: number;
}

const usage = `Usage: npm test [-- FILTER…] [--e2e | --no-e2e]

Runs the unit and integration tests and the recorded cases that lie in the repository. In CI, or with --e2e, the
end-to-end suite on a real Kubernetes control plane follows (it needs Go; the first build takes some minutes).
`;

/** Runs vitest with its own output on the terminal and its counts read from the JSON report. */
async function vitest(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run('vitest', ['run', ...reporters, ...args], env);
  try {
    const result: { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number } = JSON.parse(
      await readFile(report, 'utf8'),
    );
    // A file that does not even load has no failed test, yet it is a failure.
    const failed = Math.max(result.numFailedTests, code === 0 ? 0 : 1);
    return { passed: result.numPassedTests, failed };
  } catch {
    return { passed: 0, failed: 1 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Builds what the end-to-end suite starts. Within the suite the time for it would be that of one hook. */
async function buildPrograms(): Promise<void> {
  const code = await run(process.execPath, [join(root, 'tools/kubernetes/src/main.ts'), '--build-only', '--tools']);
  if (code !== 0) process.stdout.write('► programs could not be built; the tests that need them try again\n');
}

/** The recorded cases as one test: no failure beyond the known ones. */
async function conformance(): Promise<Counts> {
  const entry = join(root, 'tools/conformance/src/main.ts');
  const code = await run(process.execPath, [entry, '--known']);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function wantsEndToEnd(args: readonly string[]): boolean {
  if (args.includes('--no-e2e')) return false;
  const hasGo = spawnSync('go', ['version']).status === 0;
  if (args.includes('--e2e')) return true;
  return process.env['CI'] !== undefined && hasGo;
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const filters = args.filter((arg) => !arg.startsWith('--'));
  const results = [await vitest(filters)];
  if (filters.length === 0) results.push(await conformance());
  if (wantsEndToEnd(args)) {
    await buildPrograms();
    results.push(await vitest(['--config', 'vitest.e2e.config.ts', ...filters]));
  }
  const passed = results.reduce((sum, counts) => sum + counts.passed, 0);
  const failed = results.reduce((sum, counts) => sum + counts.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

process.exitCode = await main();
