import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type ApiServer, startApiServer } from '@flux/apiserver';
import { median, readUsage } from '../measure.ts';
import type { Row } from '../row.ts';

const count = 50_000;
const perBatch = 500;
const rounds = 3;
const startLimitSeconds = 3;
const program = resolve(import.meta.dirname, '..', 'storage', 'start-once.ts');

/** The embedded API server's state: writes until they are durable, and starting with 50,000 objects of a cluster's mix. */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-bench-storage-'));
  try {
    progress(`writing ${count} objects`);
    const { perSecond, oneByOne } = await fill(folder);
    const { size } = await stat(join(folder, 'state.db'));
    progress('starting');
    const starts: Start[] = [];
    for (let round = 0; round < rounds; round++) starts.push(await startOnce(folder));
    const seconds = median(starts.map(({ processMs }) => processMs)) / 1000;
    return [
      { name: 'durable creates, one after the other', value: oneByOne, unit: '1/s' },
      { name: `durable creates, ${perBatch} at a time`, value: perSecond, unit: '1/s' },
      { name: `state.db with ${count} objects`, value: size / 2 ** 20, unit: 'MiB' },
      {
        name: `start with ${count} objects, from the shell`,
        value: seconds,
        unit: 's',
        limit: { text: `at most ${startLimitSeconds} s`, isMet: seconds <= startLimitSeconds },
      },
      {
        name: `start with ${count} objects, server alone`,
        value: median(starts.map((each) => each.serverMs)) / 1000,
        unit: 's',
      },
      {
        name: `start with ${count} objects, CPU`,
        value: median(starts.map((each) => each.cpuSeconds)),
        unit: 's',
        note: 'all threads, from the shell',
      },
      {
        name: `start with ${count} objects, peak`,
        value: Math.max(...starts.map(({ peakMiB }) => peakMiB)),
        unit: 'MiB',
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fill(dataDirectory: string): Promise<{ perSecond: number; oneByOne: number }> {
  const server = await startApiServer({ dataDirectory, controllers: false });
  try {
    for (let index = 0; index < count / 500; index++) {
      await create(server, '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespaceOf(index) },
      });
    }
    const start = performance.now();
    for (let first = 0; first < count; first += perBatch) {
      const batch = Array.from({ length: perBatch }, (_, index) => first + index);
      await Promise.all(batch.map((index) => createMixed(server, index)));
    }
    const perSecond = count / ((performance.now() - start) / 1000);
    const single = performance.now();
    for (let index = count; index < count + perBatch; index++) await createMixed(server, index);
    return { perSecond, oneByOne: perBatch / ((performance.now() - single) / 1000) };
  } finally {
    await server.close();
  }
}

async function create(server: ApiServer, path: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const { status, body: answer } = await server.handle({ method: 'POST', path, headers, body });
  if (status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
}

/** Half ConfigMaps of a kilobyte; the rest are Secrets, Deployments and Services. */
function createMixed(server: ApiServer, index: number): Promise<void> {
  const namespace = namespaceOf(index);
  const metadata = {
    name: `object-${index}`,
    labels: { app: `app-${index % 100}`, 'app.kubernetes.io/part-of': 'bench' },
  };
  const core = `/api/v1/namespaces/${namespace}`;
  switch (index % 10) {
    case 0:
    case 1:
      return create(server, `${core}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata,
        data: { password: Buffer.from(`secret-${index}`.repeat(10)).toString('base64') },
      });
    case 2:
    case 3:
      return create(server, `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment(metadata));
    case 4:
      return create(server, `${core}/services`, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { selector: { app: metadata.name }, ports: [{ name: 'http', port: 80 }] },
      });
    default:
      return create(server, `${core}/configmaps`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata,
        data: { 'settings.yaml': `key-${index}: value\n`.repeat(60) },
      });
  }
}

function deployment(metadata: { name: string; labels: Record<string, string> }): unknown {
  const labels = { app: metadata.name };
  const container = { name: 'app', image: 'example.com/app:1.0.0', env: [{ name: 'MODE', value: 'bench' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

function namespaceOf(index: number): string {
  return `bench-${index % (count / 500)}`;
}

interface Start {
  processMs: number;
  serverMs: number;
  cpuSeconds: number;
  peakMiB: number;
}

/** Without a process of its own the JIT would be warm. */
async function startOnce(folder: string): Promise<Start> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const start = performance.now();
  const ended = once(child, 'exit');
  const [chunk] = await once(child.stdout, 'data');
  const processMs = performance.now() - start;
  const usage = readUsage(child.pid ?? 0);
  await text(child.stdout);
  await ended;
  const measured: unknown = JSON.parse(String(chunk));
  const serverMs = Number(Reflect.get(Object(measured), 'startMs'));
  return { processMs, serverMs, cpuSeconds: usage?.cpuSeconds ?? 0, peakMiB: usage?.peakMiB ?? 0 };
}
