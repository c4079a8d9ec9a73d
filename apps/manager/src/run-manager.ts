import { mkdir } from 'node:fs/promises';
import { type ConnectOptions, connectCluster } from '@flux/client';
import { createLog, type LogLevel } from '@flux/runtime';
import type { ManagerOptions } from './options.ts';
import { startManager } from './start-manager.ts';
import { type MemoryWatchOptions, watchMemory } from './watch-memory.ts';

/** `flux manager`: what the flags say, resolved to values. */
export interface RunManagerOptions extends Omit<ManagerOptions, 'cluster' | 'log' | 'signal'> {
  kubeconfig?: string;
  context?: string;
  logLevel?: LogLevel;
  logEncoding?: 'json' | 'console';
  signal: AbortSignal;
  /** Stops before the memory of the container ends (gate `OOMWatch`). */
  memoryWatch?: MemoryWatchOptions;
  /** `--kube-api-qps` and `--kube-api-burst`; unlimited when absent. */
  rateLimit?: NonNullable<ConnectOptions['rateLimit']>;
}

/** Runs controllers against the cluster of a kubeconfig until the signal aborts. Returns the exit code. */
export async function runManager(options: RunManagerOptions): Promise<number> {
  const { kubeconfig, context, logLevel = 'info', logEncoding = 'json', memoryWatch, rateLimit, ...rest } = options;
  await using stack = new AsyncDisposableStack();
  const log = await createLog({ level: logLevel, encoding: logEncoding });
  const memory = memoryWatch && stack.use(await watchMemory(memoryWatch, log));
  const signal = memory ? AbortSignal.any([rest.signal, memory]) : rest.signal;
  const cluster = await connectCluster({
    ...(kubeconfig ? { kubeconfig } : {}),
    ...(context ? { context } : {}),
    ...(rateLimit ? { rateLimit } : {}),
  });
  stack.defer(() => cluster.close());
  await mkdir(rest.storagePath, { recursive: true });
  const manager = await startManager({ ...rest, cluster, log, signal });
  log.info('starting controllers', { host: cluster.host });
  await manager.stopped;
  return 0;
}
