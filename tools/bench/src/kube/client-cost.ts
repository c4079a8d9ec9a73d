import { fork } from 'node:child_process';
import { join } from 'node:path';
import { clusterOver, httpTransport } from '@flux/client';
import { Pool } from 'undici';

export interface ClientCost {
  /** CPU time of a small GET in this process. */
  ownMicroseconds: number;
  bareMicroseconds: number;
}

const rounds = 9;
const requests = 2000;

/** A GET by the client against the same GET by bare undici, in turns; the cheapest round of each counts. */
export async function measureClientCost(): Promise<ClientCost> {
  const child = fork(join(import.meta.dirname, 'answer-once.ts'));
  const { port } = await new Promise<{ port: number }>((resolve) =>
    child.once('message', (it) => resolve(it as { port: number })),
  );
  const url = `http://127.0.0.1:${port}`;
  const cluster = clusterOver(httpTransport({ server: url }), url, { ownsBodies: true });
  const pool = new Pool(url, { connections: 20 });
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'bench', name: 'a' };
  const own = () => cluster.get(ref);
  const bare = async () => {
    const headers = { accept: 'application/json' };
    const answer = await pool.request({ path: '/api/v1/namespaces/bench/configmaps/a', method: 'GET', headers });
    return JSON.parse(await answer.body.text()) as unknown;
  };
  let [ownMicroseconds, bareMicroseconds] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < rounds; round++) {
    ownMicroseconds = Math.min(ownMicroseconds, await cpuOf(own));
    bareMicroseconds = Math.min(bareMicroseconds, await cpuOf(bare));
  }
  await cluster.close();
  await pool.close();
  child.disconnect();
  return { ownMicroseconds, bareMicroseconds };
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  for (let request = 0; request < requests; request++) await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / requests;
}
