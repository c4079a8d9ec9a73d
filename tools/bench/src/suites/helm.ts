import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { warmUp, writeBundle } from '@flux/bundle';
import { rootedFileSystem } from '@flux/fs';
import { type Chart, loadChart, templateChart } from '@flux/helm';
import { ensureBuilt, referenceTools } from '@flux/kubernetes';
import { writeExampleChart, writeUmbrellaChart } from '../helm/example-chart.ts';
import { median } from '../measure.ts';
import { compareProcesses, runProcess } from '../process-run.ts';
import type { Row } from '../row.ts';

const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const flux = join(root, 'flux');
const cases = join(root, '..', 'shared', 'cases', 'helm');
const rounds = 11;

/** Cold commands on a small and on the largest chart, and renderings a second in one process, against the real helm. */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const helm = await realHelm(progress);
  const folder = await mkdtemp(join(tmpdir(), 'flux-bench-helm-'));
  const rows: Row[] = [];
  try {
    const example = join(folder, 'example');
    await writeExampleChart(example);
    progress('bundling');
    await writeBundle(root);
    await warmUp(root);
    progress('cold, a chart with 20 templates');
    rows.push(await coldRow('cold build, 20 templates', { helm, args: [example], share: 1 }));
    for (const [name, args, share] of recordedCharts) {
      if (!existsSync(cases)) progress(`${name}: left out, the recorded charts are not here`);
      else {
        progress(name);
        rows.push(await coldRow(name, { helm, args, share }));
      }
    }
    progress('renderings in one process');
    rows.push(await warmRow(helm, example, join(folder, 'umbrella')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

const recordedCharts: readonly (readonly [name: string, args: readonly string[], share: number])[] = [
  ['cold build, podinfo', [join(cases, 'charts', 'podinfo-6.14.1.tgz')], 1],
  [
    'cold build, kube-prometheus-stack (5.4 MB)',
    [
      join(cases, 'charts', 'kube-prometheus-stack-88.5.3.tgz'),
      ...['--kube-version', '1.33.0', '--include-crds', '-f'],
      join(cases, 'renders', 'kube-prometheus-stack', 'ci-06-upgrade-crds.values.yaml'),
    ],
    0.5,
  ],
];

async function realHelm(progress: (message: string) => void): Promise<string> {
  const program = referenceTools.filter(({ name }) => name === 'helm4');
  const { helm4 = '' } = await ensureBuilt(program, progress);
  return helm4;
}

interface ColdRun {
  helm: string;
  args: readonly string[];
  /** How much of helm's time the command may take. */
  share: number;
}

async function coldRow(name: string, { helm, args, share }: ColdRun): Promise<Row> {
  const { own, peer } = await compareProcesses(
    [flux, 'build', 'chart', ...args],
    [helm, 'template', 'release-name', ...args],
    rounds,
  );
  return {
    name,
    value: own.wallMs,
    unit: 'ms',
    peer: { name: 'helm', value: peer.wallMs },
    limit: { text: `at most ${share.toFixed(2)}x`, isMet: own.wallMs <= peer.wallMs * share },
  };
}

/** How often helm renders the templates in one run of its command. */
const copies = 20;

/**
 * Renderings a second; helm's is the time of its command less that of one which does nothing. For one chart that is a small
 * difference of two large times, so helm gets a chart that holds the templates several times.
 */
async function warmRow(helm: string, path: string, umbrella: string): Promise<Row> {
  const chart = await loadChart(rootedFileSystem(path), path);
  await writeUmbrellaChart(umbrella, copies);
  const times: number[] = [];
  const starts: number[] = [];
  const peers: number[] = [];
  for (let round = 0; round < rounds; round++) {
    starts.push((await runProcess(helm, ['version', '--short'])).wallMs);
    peers.push((await runProcess(helm, ['template', 'release-name', umbrella])).wallMs);
    times.push(await timeRender(chart));
  }
  const value = 1000 / median(times.slice(1));
  const peer = { name: 'helm', value: (1000 * copies) / (median(peers) - median(starts)) };
  return {
    name: 'renderings of 20 templates in one process',
    value,
    unit: '1/s',
    peer,
    limit: { text: 'at least 5.00x', isMet: value >= 5 * peer.value },
  };
}

/** Milliseconds for one of a hundred renderings. */
async function timeRender(chart: Chart): Promise<number> {
  const start = performance.now();
  for (let count = 0; count < 100; count++) await templateChart(chart, {});
  return (performance.now() - start) / 100;
}
