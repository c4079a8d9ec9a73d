import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatRow, type RunBench } from './row.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');

/** Each compares with the real tool in the same run where there is one. */
const suites: Readonly<Record<string, () => Promise<RunBench>>> = {
  cli: async () => (await import('./suites/cli.ts')).run,
  'helm-index': async () => (await import('./suites/helm-index.ts')).run,
  helm: async () => (await import('./suites/helm.ts')).run,
  kube: async () => (await import('./suites/kube.ts')).run,
  kustomize: async () => (await import('./suites/kustomize.ts')).run,
  mttp: async () => (await import('./suites/mttp.ts')).run,
  storage: async () => (await import('./suites/storage.ts')).run,
  'mttp-helm': async () => (await import('./suites/mttp-helm.ts')).run,
};

/** `npm run bench -- [suite…] [--helm] [--n 100,500]`: prints the rows and keeps them in `bench/results/<suite>.json`. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { helm: { type: 'boolean' }, n: { type: 'string' } },
  });
  const asked = positionals.map((name) => (name === 'mttp' && values.helm ? 'mttp-helm' : name));
  const counts = values.n?.split(',').map(Number);
  const unknown = asked.find((name) => !(name in suites));
  if (unknown !== undefined) {
    process.stderr.write(`✗ there is no benchmark '${unknown}'; there are ${Object.keys(suites).join(', ')}\n`);
    return 2;
  }
  for (const [name, load] of Object.entries(suites)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    const run = await load();
    const report = (message: string) => process.stderr.write(`► ${name}: ${message}\n`);
    const rows = await run(report, counts ? { counts } : {});
    process.stdout.write(`${name}\n`);
    for (const row of rows) process.stdout.write(`  ${formatRow(row)}\n`);
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
    await mkdir(join(root, 'bench', 'results'), { recursive: true });
    const record = { suite: name, date: new Date().toISOString(), machine, rows };
    await writeFile(join(root, 'bench', 'results', `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
  }
  return 0;
}

process.exit(await main());
