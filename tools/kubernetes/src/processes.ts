import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Starts a program that writes all it says to the end of `<name>.log` in the directory. */
export function startProcess(
  binary: string,
  name: string,
  args: string[],
  directory: string,
  env: NodeJS.ProcessEnv = process.env,
): ChildProcess {
  const log = openSync(join(directory, `${name}.log`), 'a');
  const child = spawn(binary, args, { stdio: ['ignore', log, log], cwd: directory, env });
  child.on('error', (error) => createWriteStream(join(directory, `${name}.log`), { flags: 'a' }).end(String(error)));
  return child;
}

/** Sends the signal and waits until the program is gone. */
export async function stopProcess(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

export async function stopAll(children: readonly ChildProcess[]): Promise<void> {
  for (const child of [...children].reverse()) await stopProcess(child, 'SIGKILL');
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
