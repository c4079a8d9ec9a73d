import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { warmUp, writeBundle } from '@flux/bundle';
import { rootedFileSystem } from '@flux/fs';
import { build, resourcesToYaml } from '@flux/kustomize';
import { writeOverlay } from '../kustomize/overlay.ts';
import { findKustomize } from '../kustomize/peer.ts';
import { median } from '../measure.ts';
import { type Comparison, compareProcesses } from '../process-run.ts';
import type { Row } from '../row.ts';

const root = resolve(import.meta.dirname, '..', '..', '..', '..');
const flux = join(root, 'flux');
const rounds: Readonly<Record<number, number>> = { 50: 15, 500: 5, 2000: 1 };
const growthSizes = [100, 500, 2000, 5000];
const maxExtraMs = 25;
const maxGrowth = 1.5;
const maxMemory = 3;

/**
 * Builds of an everyday overlay (prefix, namespace, labels, images, a patch): `./flux build dir` in a process of its own
 * against bare Node and the real kustomize, and the engine in one process. `--quick` leaves out what takes long.
 */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const isQuick = process.argv.includes('--quick');
  const folder = await mkdtemp(join(tmpdir(), 'flux-bench-kustomize-'));
  const overlayOf = async (size: number) => {
    await writeOverlay(join(folder, String(size)), size);
    return join(folder, String(size), 'overlay');
  };
  try {
    progress('bundling');
    await writeBundle(root);
    await warmUp(root);
    const rows = [await coldRow(await overlayOf(1))];
    const kustomize = findKustomize();
    if (kustomize === undefined) progress('kustomize v5.8.2 is not here: nothing to compare with');
    for (const size of kustomize === undefined ? [] : isQuick ? [50, 500] : [50, 500, 2000]) {
      progress(`${size} resources against kustomize`);
      rows.push(...(await peerRows(kustomize ?? '', await overlayOf(size), size)));
    }
    progress('growth');
    rows.push(...(await growthRows(overlayOf, isQuick ? growthSizes.slice(0, 3) : growthSizes)));
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function coldRow(overlay: string): Promise<Row> {
  const { own, peer, extraMs } = await compareProcesses(
    [flux, 'build', 'dir', overlay],
    [process.execPath, '-e', '0'],
    25,
  );
  return {
    name: 'cold, 1 resource',
    value: own.wallMs,
    unit: 'ms',
    peer: { name: 'bare node', value: peer.wallMs },
    limit: { text: `+${extraMs.toFixed(1)} ms, at most +${maxExtraMs} ms`, isMet: extraMs <= maxExtraMs },
  };
}

async function peerRows(kustomize: string, overlay: string, size: number): Promise<Row[]> {
  const compared = await compareProcesses(
    [flux, 'build', 'dir', overlay],
    [kustomize, 'build', overlay],
    rounds[size] ?? 1,
  );
  if (size === 50) return [speedRow(size, compared, 1), await repeatedRow(overlay, compared)];
  return [speedRow(size, compared, size === 500 ? 5 : 20), memoryRow(size, compared)];
}

function speedRow(size: number, { own, peer, speedup }: Comparison, wanted: number): Row {
  return {
    name: `cold, ${size} resources`,
    value: own.wallMs,
    unit: 'ms',
    peer: { name: 'kustomize', value: peer.wallMs },
    limit: { text: `${speedup.toFixed(2)}x as fast, at least ${wanted}x`, isMet: speedup >= wanted },
  };
}

function memoryRow(size: number, { own, peer }: Comparison): Row {
  const ratio = own.peakMiB / peer.peakMiB;
  return {
    name: `peak memory, ${size} resources`,
    value: own.peakMiB,
    unit: 'MiB',
    peer: { name: 'kustomize', value: peer.peakMiB },
    limit: { text: `at most ${maxMemory}x`, isMet: ratio <= maxMemory },
  };
}

/** Builds in this process, one after the other, against one process of kustomize for each. */
async function repeatedRow(overlay: string, { peer }: Comparison): Promise<Row> {
  const perSecond = 1000 / (await timeBuilds(overlay));
  const ratio = (perSecond * peer.wallMs) / 1000;
  return {
    name: 'one process, 50 resources, repeated',
    value: perSecond,
    unit: '1/s',
    peer: { name: 'kustomize', value: 1000 / peer.wallMs },
    limit: { text: 'at least 5x', isMet: ratio >= 5 },
  };
}

async function growthRows(overlayOf: (size: number) => Promise<string>, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  let first: number | undefined;
  for (const size of sizes) {
    const perResource =
      ((await cpuMsOfBuild(await overlayOf(size), Math.ceil(resourcesPerSample / size))) * 1000) / size;
    first ??= perResource;
    const growth = perResource / first;
    const limit = { text: `${growth.toFixed(2)}x of ${sizes[0]}'s, at most ${maxGrowth}x`, isMet: growth <= maxGrowth };
    const row: Row = { name: `one process, CPU per resource of ${size}`, value: perResource, unit: 'µs' };
    rows.push(size === sizes[0] ? row : { ...row, limit });
  }
  return rows;
}

const repeats = 40;
const cpuSamples = 5;
/** A sample takes as many builds as make this many resources, so that small builds bear their part of what goes on beside them. */
const resourcesPerSample = 2000;

/** Milliseconds of one build, the middle one of some, after as many that only warm up. */
async function timeBuilds(overlay: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 2 * repeats; round++) {
    const start = performance.now();
    await buildOnce(overlay);
    if (round >= repeats) times.push(performance.now() - start);
  }
  return median(times);
}

/** CPU time of one build, the middle one of some samples, after as many that only warm up. */
async function cpuMsOfBuild(overlay: string, builds: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 2 * cpuSamples; round++) {
    const before = process.cpuUsage();
    for (let count = 0; count < builds; count++) await buildOnce(overlay);
    const { user, system } = process.cpuUsage(before);
    if (round >= cpuSamples) times.push((user + system) / 1000 / builds);
  }
  return median(times);
}

async function buildOnce(overlay: string): Promise<void> {
  resourcesToYaml(await build(rootedFileSystem('/'), overlay));
}
