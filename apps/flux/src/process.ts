import { writeSync } from 'node:fs';
import { runFlux } from './run.ts';

/** Runs the command line of this process: its streams, its signals, its exit code. */
export async function runProcess(args: readonly string[]): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new Error('interrupted'));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const stdout = new Output(1, () => process.stdout);
  const stderr = new Output(2, () => process.stderr);
  const exitCode = await runFlux({
    args,
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    get isTerminal() {
      return process.stdout.isTTY === true;
    },
    signal: interrupted.signal,
    confirm,
  });
  await Promise.all([stdout.flushed(), stderr.flushed()]);
  // a command that is done ends, whatever connection a library keeps open
  process.exit(exitCode);
}

/**
 * Writes to the file descriptor itself, because Node's streams take milliseconds to load. A descriptor that another
 * process made non-blocking can refuse for now; the stream then takes over, and keeps what it could not write yet.
 */
class Output {
  readonly #descriptor: number;
  readonly #open: () => NodeJS.WriteStream;
  #stream: NodeJS.WriteStream | undefined;

  constructor(descriptor: number, open: () => NodeJS.WriteStream) {
    this.#descriptor = descriptor;
    this.#open = open;
  }

  write(data: string | Uint8Array): void {
    if (this.#stream !== undefined) {
      this.#stream.write(data);
      return;
    }
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN')) endOrThrow(error);
      this.#stream = this.#open();
      this.#stream.on('error', endOrThrow);
      this.#stream.write(bytes.subarray(written));
    }
  }

  /** Resolves when everything written so far has left this process. */
  flushed(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return Promise.resolve();
    return new Promise((resolve) => stream.write('', () => resolve()));
  }
}

/** A reader that goes away (`flux logs | head`) ends the output, it is no failure. */
function endOrThrow(error: unknown): never {
  if (isErrno(error, 'EPIPE')) process.exit(0);
  throw error;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** A yes or no prompt on the terminal; without one the answer is no. */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
