import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNamespace, fill, measureApplies, namespace } from '../kube/applies.ts';
import { measureClientCost } from '../kube/client-cost.ts';
import { type FanOut, measureFanOut } from '../kube/fan-out.ts';
import { createInformed } from '../kube/informed-objects.ts';
import { runInformer } from '../kube/informer.ts';
import { download, rawTarget } from '../kube/raw-requests.ts';
import { type MeasuredServer, startOwnServer, startRealServer } from '../kube/servers.ts';
import { median } from '../measure.ts';
import type { Row } from '../row.ts';

type Progress = (message: string) => void;

const watches = 1000;
const objects = 10_000;
const applies = 2000;
const applyRounds = 3;
const fanOutRounds = 3;
const listRounds = 7;
const informerLimitMiB = 150;
const clientLimit = 1.5;
const real = 'kube-apiserver';

/** The API server and the client by themselves: against kube-apiserver over etcd, with the same client in the same run. */
export async function run(progress: Progress): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'flux-bench-kube-'));
  try {
    progress('what the client costs');
    const rows = [await clientRow()];
    progress('starting the servers');
    await using own = await startOwnServer(join(directory, 'memory'), 'memory');
    await using disk = await startOwnServer(join(directory, 'sqlite'), 'sqlite');
    await using peer = await startRealServer(join(directory, 'kubernetes'), progress);
    const servers = [own, disk, peer];
    for (const { cluster } of servers) await createNamespace(cluster);
    progress('server-side applies');
    rows.push(...(await applyRows(servers)));
    progress(`${watches} watches`);
    rows.push(...(await fanOutRows(own, peer)));
    progress(`${objects} objects`);
    rows.push(...(await listRows(own, peer)));
    for (const kind of ['Deployment', 'Secret'] as const) {
      progress(`an informer of ${objects} ${kind}s`);
      rows.push(await informerRow(own, kind));
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function clientRow(): Promise<Row> {
  const { ownMicroseconds, bareMicroseconds } = await measureClientCost();
  return {
    name: 'client: CPU of a GET',
    value: ownMicroseconds,
    unit: 'µs',
    peer: { name: 'bare undici', value: bareMicroseconds },
    limit: { text: `at most ${clientLimit}x`, isMet: ownMicroseconds <= clientLimit * bareMicroseconds },
  };
}

/** By turns, so that what else the machine does hits all of them; the middle round counts. */
async function applyRows(servers: readonly MeasuredServer[]): Promise<Row[]> {
  const rates = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  for (let round = -1; round < applyRounds; round++) {
    for (const { name, cluster } of servers) {
      const rate = await measureApplies(cluster, `round-${round + 1}`, applies);
      if (round >= 0) rates.get(name)?.push(rate); // the first round only warms up
    }
  }
  const rateOf = (name: string) => median(rates.get(name) ?? []);
  const peer = { name: real, value: rateOf(real) };
  const memory = rateOf('memory');
  return [
    {
      name: 'server-side applies, in memory',
      value: memory,
      unit: '1/s',
      peer,
      limit: { text: 'at least 1x', isMet: memory >= peer.value },
    },
    { name: 'server-side applies, on disk', value: rateOf('sqlite'), unit: '1/s', peer },
  ];
}

/** By turns; the better round counts, for the clients of a thousand watches need the machine, too. */
async function fanOutRows(own: MeasuredServer, peer: MeasuredServer): Promise<Row[]> {
  const results = new Map<string, FanOut[]>([
    [own.name, []],
    [peer.name, []],
  ]);
  for (let round = 0; round < fanOutRounds; round++) {
    for (const server of [own, peer]) results.get(server.name)?.push(await measureFanOut(server, watches, round));
  }
  const [ours = [], theirs = []] = [results.get(own.name), results.get(peer.name)];
  const rate = (runs: readonly FanOut[]) => Math.max(...runs.map((run) => run.eventsPerSecond));
  const latency = (runs: readonly FanOut[]) => Math.min(...runs.map((run) => median(run.latenciesMs)));
  const memory = (runs: readonly FanOut[]) => runs[0]?.kibPerWatch ?? Number.NaN;
  const name = (text: string) => `${watches} watches: ${text}`;
  const row = (measure: (runs: readonly FanOut[]) => number) => ({
    value: measure(ours),
    peer: { name: real, value: measure(theirs) },
  });
  const limit = { text: 'at least 1x', isMet: rate(ours) >= rate(theirs) };
  return [
    { name: name('events delivered'), unit: '1/s', ...row(rate), limit },
    { name: name('from write to last delivery'), unit: 'ms', ...row(latency) },
    // Without a peer: the heap of a Go program moves by more than its watches need.
    { name: name('memory of one'), unit: 'KiB', value: memory(ours) },
  ];
}

async function listRows(own: MeasuredServer, peer: MeasuredServer): Promise<Row[]> {
  const before = (await own.usedBytes()) ?? 0;
  await fill(own.cluster, objects);
  const kibPerObject = (((await own.usedBytes()) ?? 0) - before) / 1024 / objects;
  await fill(peer.cluster, objects);
  const [ours, theirs] = await listsOf(own, peer);
  const name = (text: string) => `list of ${objects} objects: ${text}`;
  const limit = { text: 'at most 1x', isMet: ours.ms <= theirs.ms };
  return [
    { name: name('time'), value: ours.ms, unit: 'ms', peer: { name: real, value: theirs.ms }, limit },
    { name: name('size'), value: ours.mib, unit: 'MiB', peer: { name: real, value: theirs.mib } },
    { name: 'memory of an object of 1 KB', value: kibPerObject, unit: 'KiB' },
  ];
}

interface ListRun {
  ms: number;
  mib: number;
}

/** By turns; the fastest round of each counts. */
async function listsOf(own: MeasuredServer, peer: MeasuredServer): Promise<[ListRun, ListRun]> {
  const path = `/api/v1/namespaces/${namespace}/configmaps?labelSelector=app%3Dfilled`;
  const targets = [await rawTarget(own.kubeconfig), await rawTarget(peer.kubeconfig)] as const;
  const best = (run: ListRun, { ms, bytes }: { ms: number; bytes: number }) => ({
    ms: Math.min(run.ms, ms),
    mib: bytes / 2 ** 20,
  });
  let [ours, theirs]: [ListRun, ListRun] = [
    { ms: Number.POSITIVE_INFINITY, mib: 0 },
    { ms: Number.POSITIVE_INFINITY, mib: 0 },
  ];
  for (let round = 0; round < listRounds; round++) {
    ours = best(ours, await download(targets[0], path));
    theirs = best(theirs, await download(targets[1], path));
  }
  return [ours, theirs];
}

/** A process that follows the kind and keeps what controllers ask for. */
async function informerRow({ cluster, kubeconfig }: MeasuredServer, kind: 'Deployment' | 'Secret'): Promise<Row> {
  await createInformed(cluster, kind, objects);
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  const { count, seconds, peakMiB } = await runInformer({ kubeconfig, apiVersion, kind });
  if (count < objects) throw new Error(`the informer saw ${count} of ${objects} ${kind}s`);
  return {
    name: `informer of ${objects} ${kind}s: peak memory`,
    value: peakMiB,
    unit: 'MiB',
    limit: { text: `below ${informerLimitMiB} MiB`, isMet: peakMiB < informerLimitMiB },
    note: `in ${seconds.toFixed(1)} s`,
  };
}
