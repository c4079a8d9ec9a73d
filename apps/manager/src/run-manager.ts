import { mkdir } from 'node:fs/promises';
import { connectCluster } from '@flux/client';
import { createLog, type LogLevel } from '@flux/runtime';
import type { ManagerOptions } from './options.ts';
import { startManager } from './start-manager.ts';

/** `flux manager`: what the flags say, resolved to values. */
export interface RunManagerOptions extends Omit<ManagerOptions, 'cluster' | 'log' | 'signal'> {
  kubeconfig?: string;
  context?: string;
  logLevel?: LogLevel;
  logEncoding?: 'json' | 'console';
  signal: AbortSignal;
}

/** Runs controllers against the cluster of a kubeconfig until the signal aborts. Returns the exit code. */
export async function runManager(options: RunManagerOptions): Promise<number> {
  const { kubeconfig, context, logLevel = 'info', logEncoding = 'json', signal, ...rest } = options;
  await using stack = new AsyncDisposableStack();
  const log = await createLog({ level: logLevel, encoding: logEncoding });
  const cluster = await connectCluster({ ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) });
  stack.defer(() => cluster.close());
  await mkdir(rest.storagePath, { recursive: true });
  const manager = await startManager({ ...rest, cluster, log, signal });
  log.info('starting controllers', { host: cluster.host });
  await manager.stopped;
  return 0;
}
