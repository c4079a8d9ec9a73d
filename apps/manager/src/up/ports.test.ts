import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { choosePort } from './ports.ts';

test('the last port is kept while it is free and given up when it is taken', async () => {
  const port = await choosePort(undefined, undefined);
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');

  const whileTaken = await choosePort(undefined, port);
  other.close();
  await once(other, 'close');

  expect(whileTaken).not.toBe(port);
  expect(await choosePort(undefined, port)).toBe(port);
  expect(await choosePort(4711, port)).toBe(4711);
});
