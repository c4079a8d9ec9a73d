import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { UpOptions } from './options.ts';
import { runUp } from './run-up.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-bad-environment-'));
  await mkdir(join(directory, 'fleet'));
});
afterEach(async () => {
  await chmod(directory, 0o700);
  await rm(directory, { recursive: true, force: true });
});

function start(options: Partial<UpOptions>): Promise<number> {
  return runUp({
    dataDirectory: join(directory, 'state'),
    folder: join(directory, 'fleet'),
    once: true,
    signal: new AbortController().signal,
    print: () => {},
    output: () => {},
    ...options,
  });
}

async function takePort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

test.each(['port', 'gitPort'] as const)('a taken %s is named and the data directory is free again', async (option) => {
  const { port, server } = await takePort();
  try {
    await expect(start({ [option]: port })).rejects.toThrow(new RegExp(`^(?=.*in use).*127\\.0\\.0\\.1:${port}`));
    await expect(start({ [option]: port })).rejects.toThrow(`${port}`);
  } finally {
    server.close();
  }
});

test('a data directory below a file cannot be used', async () => {
  await writeFile(join(directory, 'file'), '');
  const dataDirectory = join(directory, 'file', 'state');

  await expect(start({ dataDirectory })).rejects.toMatchObject({
    code: 'DATA_DIRECTORY',
    message: `data directory ${dataDirectory} is not writable (ENOTDIR); choose another with --data-dir`,
  });
});
