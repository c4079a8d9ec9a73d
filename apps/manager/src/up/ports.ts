import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to clients, and to listeners that ask for any: nobody gets one by chance before it is used, or again. */
const range = { from: 20_000, to: 30_000 };
const maxTries = 100;

/**
 * The port that was asked for; else the one of the last run while it is free, so that addresses stay what they were; else
 * any free one.
 */
export async function choosePort(asked: number | undefined, last: number | undefined): Promise<number> {
  if (asked !== undefined) return asked;
  if (last !== undefined && (await isFree(last))) return last;
  for (let tries = 0; tries < maxTries; tries++) {
    const port = randomInt(range.from, range.to);
    if (await isFree(port)) return port;
  }
  return 0;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
