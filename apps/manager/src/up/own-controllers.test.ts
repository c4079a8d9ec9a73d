import { createPrivateKey } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { temporaryDirectory } from '@flux/fs';
import { expect, test } from 'vitest';
import { locateDataDirectory, prepareDataDirectory } from './data-directory.ts';
import { describeControllers, serviceAccountKey } from './own-controllers.ts';

test('the key for a controller manager survives a restart and is readable by its owner only', async () => {
  await using folder = await temporaryDirectory('own-controllers');
  const data = locateDataDirectory(folder.path);
  await prepareDataDirectory(data);

  const pem = await serviceAccountKey(data);

  expect(createPrivateKey(pem).asymmetricKeyType).toBe('rsa');
  expect(await serviceAccountKey(data)).toBe(pem);
  const hint = await describeControllers(data, 'CERTIFICATE');
  const [, key = ''] = /--service-account-private-key-file=(\S+)/.exec(hint) ?? [];
  const [, certificate = ''] = /--root-ca-file=(\S+)/.exec(hint) ?? [];
  expect((await stat(key)).mode & 0o777).toBe(0o600);
  expect(await readFile(certificate, 'utf8')).toBe('CERTIFICATE');
});
