import { readFile, writeFile } from 'node:fs/promises';
import type { DataDirectory } from './data-directory.ts';

/** What the running (or last) `flux up` wrote down for the next one and for `flux down`. */
export interface RuntimeFile {
  /** Absent when it has ended. */
  pid?: number;
  apiPort: number;
  gitPort: number;
  /** Artifact URLs in the store hold it. */
  artifactPort?: number;
  /** Artifact URLs of charts hold it. */
  chartPort?: number;
  /** Where repositories are fetched from, as FROM=TO; commands that fetch charts themselves follow them. */
  rewriteUrls?: readonly string[];
}

/** Undefined when there is none or it cannot be understood. */
export async function readRuntimeFile(data: DataDirectory): Promise<RuntimeFile | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(data.runtime, 'utf8'));
    return isRuntimeFile(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export async function writeRuntimeFile(data: DataDirectory, content: RuntimeFile): Promise<void> {
  await writeFile(data.runtime, `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

/** Whether a process of this id lives; signal 0 only asks. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isRuntimeFile(value: unknown): value is RuntimeFile {
  return typeof value === 'object' && value !== null && 'apiPort' in value && 'gitPort' in value;
}
