import { expect, test } from 'vitest';
import { isSopsMask, maskSops } from './mask-sops.ts';

const secret = (fields: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, ...fields });
const base64 = (text: string) => Buffer.from(text).toString('base64');

test('masks every value of an encrypted Secret and drops its sops block', () => {
  const masked = maskSops(secret({ data: { a: 'ENC[AES256_GCM]' }, stringData: { b: 'ENC[x]' }, sops: { mac: 'x' } }));

  expect(masked).toEqual(secret({ data: { a: 'KipTT1BTKio=' }, stringData: { b: '**SOPS**' } }));
  expect(isSopsMask(masked)).toBe(true);
});

test('masks only encrypted files of a plain Secret', () => {
  const file = base64('data: ENC[AES256_GCM]\nsops: {}');
  const masked = maskSops(secret({ data: { file, plain: base64('x') } }));

  expect(masked['data']).toEqual({ file: 'KipTT1BTKio=', plain: base64('x') });
});

test('leaves other kinds alone', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: 'sops ENC[' } };

  expect(maskSops(object)).toBe(object);
});
