import { spawn } from 'node:child_process';
import { median, readUsage } from './measure.ts';

/** One run of a program. */
export interface ProcessRun {
  wallMs: number;
  /** The peak of its resident memory, as far as it was seen; 0 where the system does not tell. */
  peakMiB: number;
}

const memoryIntervalMs = 5;

/** Runs a program to its end and throws when it fails; its output goes nowhere. */
export function runProcess(command: string, args: readonly string[], env = process.env): Promise<ProcessRun> {
  return new Promise((resolve, reject) => {
    let peakMiB = 0;
    const start = performance.now();
    const child = spawn(command, args, { stdio: 'ignore', env });
    const timer = setInterval(() => {
      peakMiB = Math.max(peakMiB, readUsage(child.pid ?? 0)?.peakMiB ?? 0);
    }, memoryIntervalMs);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(timer);
      const wallMs = performance.now() - start;
      if (code === 0) resolve({ wallMs, peakMiB });
      else reject(new Error(`${command} ${args.join(' ')} exited with ${code}`));
    });
  });
}

export interface Comparison {
  own: ProcessRun;
  peer: ProcessRun;
  /** Peer's time over ours, the middle one of all rounds. */
  speedup: number;
  /** Our time less the peer's in ms, likewise. */
  extraMs: number;
}

type Command = readonly [command: string, ...args: string[]];

/**
 * Runs two programs by turns, so that what else the machine does hits both, and compares round by round. The first round
 * only warms the caches when there are several.
 */
export async function compareProcesses(own: Command, peer: Command, rounds: number): Promise<Comparison> {
  const pairs: { own: ProcessRun; peer: ProcessRun }[] = [];
  for (let round = rounds > 1 ? -1 : 0; round < rounds; round++) {
    const pair = { peer: await runProcess(peer[0], peer.slice(1)), own: await runProcess(own[0], own.slice(1)) };
    if (round >= 0) pairs.push(pair);
  }
  const middle = (side: 'own' | 'peer') => ({
    wallMs: median(pairs.map((pair) => pair[side].wallMs)),
    peakMiB: Math.max(...pairs.map((pair) => pair[side].peakMiB)),
  });
  return {
    own: middle('own'),
    peer: middle('peer'),
    speedup: median(pairs.map((pair) => pair.peer.wallMs / pair.own.wallMs)),
    extraMs: median(pairs.map((pair) => pair.own.wallMs - pair.peer.wallMs)),
  };
}
