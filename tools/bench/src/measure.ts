import { readFileSync } from 'node:fs';

/** What a process used so far: CPU seconds of all its threads and the peak of its resident memory in MiB. */
export interface Usage {
  cpuSeconds: number;
  peakMiB: number;
  /** Resident memory now. */
  residentMiB: number;
}

const ticksPerSecond = 100;

/** Reads `/proc`; undefined where there is none (other systems than Linux) or the process has ended. */
export function readUsage(pid: number): Usage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold spaces; counting starts behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const sizeOf = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
    return { cpuSeconds: ticks / ticksPerSecond, peakMiB: sizeOf('VmHWM'), residentMiB: sizeOf('VmRSS') };
  } catch {
    return undefined;
  }
}

/** The middle value; of an even count the lower middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
