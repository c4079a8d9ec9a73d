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
  // a reader that goes away (`flux logs | head`) ends the output, it is no failure
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const exitCode = await runFlux({
    args,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    signal: interrupted.signal,
    confirm,
  });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // a command that is done ends, whatever connection a library keeps open
  process.exit(exitCode);
}

/** Resolves when everything written so far has left this process; pipes are written in the background. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
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
