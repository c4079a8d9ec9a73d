import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '@flux/client';
import { runFlux } from '@flux/flux';

export interface Ran {
  /** Both streams in write order, without the final error. */
  output: string;
  error: string;
  exit: number;
}

/** Runs a command line in this process, as the recorded tests did: one buffer for both streams. */
export async function runCommand(
  args: readonly string[],
  surroundings: {
    folder: string;
    cluster: Cluster;
    env?: Readonly<Record<string, string>>;
    stdin?: string;
    signal?: AbortSignal;
  },
): Promise<Ran> {
  const { folder, cluster, env = {}, stdin, signal } = surroundings;
  const pieces: string[] = [];
  let last = -1;
  const exit = await runFlux({
    args,
    cwd: folder,
    env: { TZ: 'UTC', ...env },
    stdout: (data) => pieces.push(Buffer.from(data).toString()),
    stderr: (text) => {
      last = pieces.push(text) - 1;
    },
    ...(signal ? { signal } : {}),
    ...(stdin ? { stdin: () => createReadStream(join(folder, stdin)) } : {}),
    connect: async () => cluster,
  });
  const isError = exit !== 0 && last === pieces.length - 1;
  const error = isError ? (pieces.pop() ?? '').replace(/^(✗|⚠️) /u, '').replace(/\n$/, '') : '';
  return { output: pieces.join(''), error, exit };
}
