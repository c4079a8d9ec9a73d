import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * The port that was asked for; else the one of the last run while it is free, so that addresses stay what they were; else
 * any free one.
 */
export async function choosePort(asked: number | undefined, last: number | undefined): Promise<number> {
  if (asked !== undefined) return asked;
  if (last !== undefined && (await probe(last)) !== undefined) return last;
  return (await probe(0)) ?? 0;
}

/** The port that a listener got, or undefined when it is taken. */
async function probe(port: number): Promise<number | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}
