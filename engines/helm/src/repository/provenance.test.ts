import { sha256Hex } from '@flux/crypto';
import { expect, test } from 'vitest';
import { type ClearSigner, signChart, verifyChart } from './provenance.ts';

const archive = { fileName: 'app-1.0.0.tgz', data: Buffer.from('x') };
const metadata = { name: 'app', version: '1.0.0', apiVersion: 'v2' };
/** Signs nothing: what gpg does is tested with gpg. */
const plain: ClearSigner = {
  verify: async (text) => ({ text, signer: { identity: 'a', fingerprint: 'F' } }),
  sign: async (text) => text,
};

test('what is signed is the metadata and the digest of the archive', async () => {
  const text = await signChart(archive, metadata, plain);

  expect(text).toBe(
    `apiVersion: v2\nname: app\nversion: 1.0.0\n\n...\nfiles:\n  app-1.0.0.tgz: sha256:${sha256Hex('x')}\n`,
  );
  expect(await verifyChart(archive, text, plain)).toEqual({
    signer: { identity: 'a', fingerprint: 'F' },
    fileName: 'app-1.0.0.tgz',
    fileHash: `sha256:${sha256Hex('x')}`,
  });
});

test.each([
  ['no parts', 'message block must have at least two parts'],
  ['a\n...\nfiles: {}\n', 'provenance does not contain a SHA for a file named "app-1.0.0.tgz"'],
  [
    'a\n...\nfiles: {app-1.0.0.tgz: "sha256:00"}\n',
    'sha256 sum does not match for app-1.0.0.tgz: "sha256:00" != "sha256:',
  ],
  ['a\n...\nfiles: [\n', 'provenance: yaml:'],
])('%j does not verify', async (text, message) => {
  await expect(verifyChart(archive, text, plain)).rejects.toThrow(message);
});
