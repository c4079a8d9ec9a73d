import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import { expect, test } from 'vitest';
import { isEncryptedKey } from './ssh-key.ts';

test.each([
  ['', false],
  ['phrase', true],
])('an OpenSSH key made with the passphrase %j', async (passphrase, want) => {
  await using directory = await temporaryDirectory('ssh-key');
  const file = join(directory.path, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);

  expect(isEncryptedKey(readFileSync(file, 'utf8'))).toBe(want);
});

test('PEM keys tell it in their header', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  expect(isEncryptedKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toBe(false);
  const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
  expect(isEncryptedKey(privateKey.export(encrypted).toString())).toBe(true);
  expect(isEncryptedKey('no key at all')).toBe(false);
});
