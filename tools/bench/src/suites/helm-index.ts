import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { median } from '../measure.ts';
import { type ProcessRun, runProcess } from '../process-run.ts';
import type { Row } from '../row.ts';

const indexBytes = 50_000_000;
const versionsPerChart = 60;
const rounds = 3;
const script = resolve(import.meta.dirname, '..', 'helm-index-once.ts');
const peerPath = join(homedir(), '.cache', 'flux-ts', 'bin', 'helm4-v4.3.1');
const chart = 'chart-0100';

/** A repository's index of 50 MB, each time in a process of its own: read, choose a version, store; and the same file by helm. */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-bench-index-'));
  try {
    const file = join(folder, 'index.yaml');
    await pipeline(Readable.from(generateIndex()), createWriteStream(file));
    progress('an index of 50 MB');
    const ours: OwnRun[] = [];
    for (let round = 0; round < rounds; round++) ours.push(await runOnce(file, join(folder, 'artifact.yaml')));
    const middle = (pick: (run: OwnRun) => number) => median(ours.map(pick));
    const peer = existsSync(peerPath) ? await runHelm(folder, file) : undefined;
    const compared = (value: number | undefined) =>
      value === undefined ? {} : { peer: { name: 'helm search repo', value } };
    return [
      {
        name: 'index of 50 MB, process that reads it',
        value: middle((run) => run.seconds),
        unit: 's',
        ...compared(peer && peer.wallMs / 1000),
      },
      { name: 'index of 50 MB, reading', value: middle((run) => run.loadMs / 1000), unit: 's' },
      {
        name: 'index of 50 MB, peak of reading',
        value: middle((run) => run.loadPeakMiB),
        unit: 'MiB',
        ...compared(peer?.peakMiB),
      },
      { name: 'index of 50 MB, peak of reading and storing', value: middle((run) => run.peakMiB), unit: 'MiB' },
      { name: 'index of 50 MB, kept in memory', value: middle((run) => run.keptMiB), unit: 'MiB' },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface OwnRun {
  seconds: number;
  loadMs: number;
  loadPeakMiB: number;
  peakMiB: number;
  keptMiB: number;
}

async function runOnce(file: string, target: string): Promise<OwnRun> {
  const start = performance.now();
  const child = spawn(process.execPath, [script, file, chart, target], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await text(child.stdout);
  const measured: unknown = JSON.parse(output);
  const read = (name: string) => Number(Reflect.get(Object(measured), name));
  const seconds = (performance.now() - start - read('storeMs')) / 1000;
  return {
    seconds,
    loadMs: read('loadMs'),
    loadPeakMiB: read('loadPeakMiB'),
    peakMiB: read('peakMiB'),
    keptMiB: read('keptMiB'),
  };
}

/** helm reads a repository's index from its cache; no network takes part. */
async function runHelm(folder: string, file: string): Promise<ProcessRun> {
  const cache = join(folder, 'cache');
  await mkdir(cache);
  await rename(file, join(cache, 'bench-index.yaml'));
  const config = join(folder, 'repositories.yaml');
  await writeFile(config, 'apiVersion: ""\nrepositories:\n- name: bench\n  url: http://127.0.0.1:1\n');
  const env = { HOME: folder, HELM_REPOSITORY_CACHE: cache, HELM_REPOSITORY_CONFIG: config };
  return runProcess(peerPath, ['search', 'repo', `bench/${chart}`], env);
}

function* generateIndex(): Generator<string> {
  yield 'apiVersion: v1\nentries:\n';
  let size = 0;
  for (let number = 0; size < indexBytes; number++) {
    const name = `chart-${String(number).padStart(4, '0')}`;
    const versions = Array.from({ length: versionsPerChart }, (_, index) => entry(name, versionsPerChart - index));
    const chart = `  ${name}:\n${versions.join('')}`;
    size += chart.length;
    yield chart;
  }
  yield 'generated: "2026-11-24T00:00:00.123456Z"\n';
}

/** Laid out and sized like the entries of large public repositories. */
function entry(name: string, minor: number): string {
  const version = `${1 + Math.floor(minor / 20)}.${minor % 20}.0`;
  const digest = createHash('sha256').update(`${name} ${version}`).digest('hex');
  return `  - annotations:
      category: Database
      images: |
        - name: app
          image: docker.io/example/${name}:${version}-debian-12-r${minor}
        - name: exporter
          image: docker.io/example/exporter:0.${minor}.1
      licenses: Apache-2.0
    apiVersion: v2
    appVersion: ${version}
    created: "2026-01-10T12:34:56.${String(minor).padStart(9, '0')}Z"
    dependencies:
    - condition: postgresql.enabled
      name: postgresql
      repository: oci://registry.example.com/charts
      version: ~12.${minor}
    - name: common
      repository: oci://registry.example.com/charts
      tags:
      - common-library
      version: 2.x.x
    description: ${name} is a system that does things & more, "quoted"; it is here for measuring.
    digest: ${digest}
    home: https://example.com/${name}
    icon: https://example.com/icons/${name}.png
    keywords:
    - database
    - sql
    maintainers:
    - email: someone@example.com
      name: Someone
      url: https://github.com/example
    name: ${name}
    sources:
    - https://github.com/example/charts/tree/main/${name}
    type: application
    urls:
    - https://charts.example.com/${name}-${version}.tgz
    version: ${version}
`;
}
