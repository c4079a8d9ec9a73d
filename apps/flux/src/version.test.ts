import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { version } from './version.ts';

test('says the version of the package', async () => {
  const text = await readFile(join(import.meta.dirname, '..', 'package.json'), 'utf8');

  expect(version).toBe(JSON.parse(text).version);
});
