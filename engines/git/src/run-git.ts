import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { GitError } from './git-error.ts';

export interface RunGitOptions {
  /** The whole environment; nothing is inherited but what `baseEnvironment` takes over. */
  environment: Readonly<Record<string, string>>;
  directory?: string;
  input?: string | Uint8Array;
  /** More output than this ends the process with an error. Default 16 MiB. */
  maxOutputBytes?: number;
  signal?: AbortSignal;
}

interface GitOutput {
  exitCode: number;
  stdout: Buffer;
  /** Cut to its last 16 KiB. */
  stderr: string;
}

const maxErrorBytes = 16 * 1024;
const killAfterMs = 2_000;

/**
 * Runs git in its own process group with bounded output; when the signal aborts the whole group is ended. Arguments never go
 * through a shell. A non-zero exit is a result, not an error.
 */
export async function runGit(args: readonly string[], options: RunGitOptions): Promise<GitOutput> {
  options.signal?.throwIfAborted();
  const child = spawn('git', [...args], {
    cwd: options.directory,
    env: { ...options.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const abort = () => endGroup(child);
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    return await communicate(child, args[0] ?? '', options);
  } catch (error) {
    endGroup(child);
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

/** Like `runGit`, for commands that have to succeed; the error carries the end of stderr. */
export async function mustRunGit(args: readonly string[], options: RunGitOptions): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await runGit(args, options);
  if (exitCode !== 0) throw new GitError('process', errorText(stderr, exitCode));
  return stdout;
}

/** The meaningful end of git's stderr in one line. */
export function errorText(stderr: string, exitCode: number): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^(fatal|error): /, '').trim())
    .filter((line) => line !== '');
  return lines.length > 0 ? lines.slice(-3).join(' ').slice(0, 1000) : `git ended with exit code ${exitCode}`;
}

async function communicate(child: ChildProcess, command: string, options: RunGitOptions): Promise<GitOutput> {
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new GitError('process', `git cannot be run: ${error.message}`, { cause: error })),
    );
    child.once('close', (code) => resolve(code ?? -1));
  });
  exit.catch(() => {}); // awaited below, maybe after the output failed
  child.stdin!.on('error', () => {}); // git may end before it read all of its input
  child.stdin!.end(options.input);
  const limit = options.maxOutputBytes ?? 16 * 1024 * 1024;
  const [stdout, stderr] = await Promise.all([
    collect(child.stdout!, limit, command),
    collectEnd(child.stderr!, maxErrorBytes),
  ]);
  const exitCode = await exit;
  options.signal?.throwIfAborted();
  return { exitCode, stdout, stderr };
}

async function collect(stream: Readable, limit: number, command: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new GitError('process', `output of git ${command} exceeds ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function collectEnd(stream: Readable, limit: number): Promise<string> {
  let end = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) end = Buffer.concat([end, chunk]).subarray(-limit);
  return end.toString();
}

/** Git has children of its own (git-remote-https, ssh, index-pack), which would survive it. */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  killGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), killAfterMs);
  child.once('close', () => clearTimeout(timer));
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone already
  }
}
