import { armor, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { AgeError, decryptAge, encryptAge, isAgeFile } from './age.ts';

const text = Buffer.from('a secret');

async function keyPair() {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

test('what is encrypted for several recipients, each of them decrypts', async () => {
  const [a, b] = [await keyPair(), await keyPair()];
  const encrypted = await encryptAge(text, [a.recipient, b.recipient]);

  expect(isAgeFile(encrypted)).toBe(true);
  expect(isAgeFile(text)).toBe(false);
  expect(Buffer.from(encrypted).includes(text)).toBe(false);
  for (const { identity } of [a, b]) {
    expect(Buffer.from(await decryptAge(encrypted, `# created: today\n${identity}\n`))).toEqual(text);
  }
});

test('armored files are read', async () => {
  const { identity, recipient } = await keyPair();
  const armored = Buffer.from(armor.encode(await encryptAge(text, [recipient])));

  expect(isAgeFile(armored)).toBe(true);
  expect(Buffer.from(await decryptAge(armored, identity))).toEqual(text);
});

test('says what is wrong, without the key', async () => {
  const [a, b] = [await keyPair(), await keyPair()];
  const encrypted = await encryptAge(text, [a.recipient]);
  const cut = encrypted.subarray(0, encrypted.length - 1);

  await expect(decryptAge(encrypted, b.identity)).rejects.toThrow('none of the identities is a recipient of the file');
  await expect(decryptAge(cut, a.identity)).rejects.toThrow('the file is damaged or cut short');
  await expect(decryptAge(encrypted, '# nothing\n')).rejects.toThrow('holds no age identity');
  await expect(decryptAge(encrypted, 'age1nope')).rejects.toThrow('identity 1 of the identity file is malformed');
  await expect(encryptAge(text, ['age1nope'])).rejects.toBeInstanceOf(AgeError);
  const leaked = await encryptAge(text, [a.identity]).catch((error: Error) => error);
  expect(leaked).toBeInstanceOf(AgeError);
  expect(String(leaked)).not.toContain(a.identity);
});
