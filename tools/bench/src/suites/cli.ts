import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { median } from '../measure.ts';
import type { Row } from '../row.ts';

const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const flux = join(root, 'flux');
const rounds = 15;

/** How long commands take from the shell, against a Node that does nothing and against kubectl where it is at hand. */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const data = await mkdtemp(join(tmpdir(), 'flux-bench-cli-'));
  const env = { ...process.env, FLUX_DATA_DIR: data, KUBECONFIG: join(data, 'kubeconfig') };
  try {
    progress('starting the example fleet');
    await using _fleet = await startFleet(env);
    progress('timing commands');
    const bare = await time(process.execPath, ['-e', '0'], env);
    const peer = { name: 'bare node', value: bare };
    const rows: Row[] = [
      { name: 'flux --version', value: await time(flux, ['--version'], env), unit: 'ms', peer },
      { name: 'flux get ks -A', value: await time(flux, ['get', 'ks', '-A'], env), unit: 'ms', peer },
    ];
    const kubectl = ['get', 'kustomizations', '-A'];
    const other = await time('kubectl', kubectl, env).catch(() => undefined);
    if (other !== undefined) rows.push({ name: 'kubectl get kustomizations -A', value: other, unit: 'ms', peer });
    return rows;
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

/** `flux up`, up to the line that says that all is ready. */
async function startFleet(env: NodeJS.ProcessEnv): Promise<AsyncDisposable> {
  const child = spawn(flux, ['up'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer) => {
      output += chunk;
      if (output.includes('all objects are ready')) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    exited.then(() => reject(new Error(`flux up ended early:\n${output}`)));
  });
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** Median wall time in milliseconds; the first two runs only warm the caches. */
async function time(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds + 2; round++) {
    const start = performance.now();
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(command, args, { env, stdio: 'ignore' });
      child.on('error', reject);
      child.on('exit', (exit) => resolve(exit ?? 1));
    });
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}`);
    if (round >= 2) times.push(performance.now() - start);
  }
  return median(times);
}
