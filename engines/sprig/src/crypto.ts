import { createCipheriv, createDecipheriv, createHash, createHmac, scryptSync } from 'node:crypto';
import { createRequire } from 'node:module';
import { bytesOf, fn, type GoFunction, GoInt, textOf } from '@flux/gotemplate';
import { toNumber } from './cast.ts';
import { base64Bytes } from './encoding.ts';
import { generatePrivateKey } from './private-keys.ts';

/** Where random bytes come from; a test gives a fixed source. */
export type RandomBytes = (count: number) => Uint8Array;

const maxRandom = 1_000_000;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const printable = Array.from({ length: 95 }, (_unused, index) => String.fromCharCode(32 + index)).join('');

/** Digests, random text, keys and AES. */
export function cryptoFunctions(randomBytes: RandomBytes): Record<string, GoFunction> {
  const randomText = (alphabet: string) => fn('int', (count: GoInt) => pick(randomBytes, alphabet, toNumber(count)));
  return {
    sha1sum: fn('string', (text: string) => createHash('sha1').update(bytesOf(text)).digest('hex')),
    sha256sum: fn('string', (text: string) => createHash('sha256').update(bytesOf(text)).digest('hex')),
    sha512sum: fn('string', (text: string) => createHash('sha512').update(bytesOf(text)).digest('hex')),
    adler32sum: fn('string', adler32),
    randAlphaNum: randomText(letters + digits),
    randAlpha: randomText(letters),
    randNumeric: randomText(digits),
    randAscii: randomText(printable),
    randBytes: fn('int', (count: GoInt) => Buffer.from(randomBytes(checkCount(toNumber(count)))).toString('base64')),
    randInt: fn('int, int', (min: GoInt, max: GoInt) => {
      if (max.value <= min.value) throw new RangeError('invalid argument to Intn');
      return new GoInt(min.value + BigInt(below(randomBytes, toNumber(max) - toNumber(min))));
    }),
    shuffle: fn('string', (text: string) => shuffle(randomBytes, text)),
    uuidv4: fn('', () => uuid(randomBytes(16))),
    genPrivateKey: fn('string', generatePrivateKey),
    bcrypt: fn('string', (password: string) => bcrypt(password, randomBytes)),
    htpasswd: fn('string, string', (user: string, password: string) => {
      return user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(password, randomBytes)}`;
    }),
    derivePassword: fn('uint32, string, string, string, string', derivePassword),
    encryptAES: fn('string, string', (key: string, text: string) => encrypt(key, text, randomBytes(16))),
    decryptAES: fn('string, string', decrypt),
  };
}

function checkCount(count: number): number {
  if (count < 0 || count > maxRandom)
    throw new RangeError(`count of random characters ${count} is not between 0 and ${maxRandom}`);
  return count;
}

function below(randomBytes: RandomBytes, limit: number): number {
  const space = 2 ** 48;
  const fair = space - (space % limit);
  for (;;) {
    const value = Buffer.from(randomBytes(6)).readUIntBE(0, 6);
    if (value < fair) return value % limit;
  }
}

function pick(randomBytes: RandomBytes, alphabet: string, count: number): string {
  let out = '';
  for (let index = 0; index < checkCount(count); index++) out += alphabet[below(randomBytes, alphabet.length)];
  return out;
}

function shuffle(randomBytes: RandomBytes, text: string): string {
  const characters = [...text];
  for (let index = characters.length - 1; index > 0; index--) {
    const other = below(randomBytes, index + 1);
    [characters[index], characters[other]] = [characters[other] ?? '', characters[index] ?? ''];
  }
  return characters.join('');
}

function uuid(bytes: Uint8Array): string {
  const own = Buffer.from(bytes);
  own[6] = ((own[6] ?? 0) & 0x0f) | 0x40;
  own[8] = ((own[8] ?? 0) & 0x3f) | 0x80;
  return own.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function adler32(text: string): string {
  let [a, b] = [1, 0];
  for (const byte of bytesOf(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return String(b * 65536 + a);
}

/** Templates of the Master Password algorithm, one letter a character class. */
const passwordTemplates: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: [
    'CvcvnoCvcvCvcv',
    'CvcvCvcvnoCvcv',
    'CvcvCvcvCvcvno',
    'CvccnoCvcvCvcv',
    'CvccCvcvnoCvcv',
    'CvccCvcvCvcvno',
    'CvcvnoCvccCvcv',
    'CvcvCvccnoCvcv',
    'CvcvCvccCvcvno',
    'CvcvnoCvcvCvcc',
    'CvcvCvcvnoCvcc',
    'CvcvCvcvCvccno',
    'CvccnoCvccCvcv',
    'CvccCvccnoCvcv',
    'CvccCvccCvcvno',
    'CvcvnoCvccCvcc',
    'CvcvCvccnoCvcc',
    'CvcvCvccCvccno',
    'CvccnoCvcvCvcc',
    'CvccCvcvnoCvcc',
    'CvccCvcvCvccno',
  ],
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
};
const passwordCharacters: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  A: 'AEIOUBCDFGHJKLMNPQRSTVWXYZ',
  a: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz',
  n: digits,
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()',
};

function derivePassword(counter: GoInt, type: string, password: string, user: string, site: string): string {
  const templates = Object.hasOwn(passwordTemplates, type) ? passwordTemplates[type] : undefined;
  if (templates === undefined) return `cannot find password template ${type}`;
  const scope = 'com.lyndir.masterpassword';
  const size = (text: string) => uint32(Buffer.byteLength(text));
  const salt = Buffer.concat([Buffer.from(scope), size(user), Buffer.from(user)]);
  const key = scryptSync(password, salt, 64, { N: 32768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 });
  const message = Buffer.concat([Buffer.from(scope), size(site), Buffer.from(site), uint32(toNumber(counter))]);
  const seed = createHmac('sha256', key).update(message).digest();
  const template = templates[(seed[0] ?? 0) % templates.length] ?? '';
  return [...template]
    .map((kind, index) => {
      const characters = passwordCharacters[kind] ?? '';
      return characters[(seed[index + 1] ?? 0) % characters.length];
    })
    .join('');
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value >>> 0);
  return buffer;
}

/** sprig cuts or zero-pads the password to a key of 32 bytes. */
function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32);
  Buffer.from(password).copy(key);
  return key;
}

function encrypt(password: string, text: string, iv: Uint8Array): string {
  if (text === '') return '';
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv);
  return Buffer.concat([iv, cipher.update(bytesOf(text)), cipher.final()]).toString('base64');
}

/** sprig trusts the last byte to say how much padding there is; a wrong password mostly gives text that is none. */
function decrypt(password: string, text: string): string {
  if (text === '') return '';
  const bytes = base64Bytes(text);
  if (typeof bytes === 'string') throw new TypeError(bytes);
  if (bytes.length <= 16) throw new RangeError('the encrypted text is shorter than two blocks');
  if (bytes.length % 16 !== 0) throw new RangeError('crypto/cipher: input not full blocks');
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]);
  const end = plain.length - (plain.at(-1) ?? 0);
  if (end < 0) throw new RangeError(`runtime error: slice bounds out of range [:${end}]`);
  return textOf(plain.subarray(0, end));
}

const require = createRequire(import.meta.url);
const bcryptAlphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** bcrypt with Go's default cost; the module is loaded when the first chart asks for it. */
function bcrypt(password: string, randomBytes: RandomBytes): string {
  if (bytesOf(password).length > 72)
    return 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes';
  const { hashSync }: typeof import('bcryptjs') = require('bcryptjs');
  return hashSync(password, `$2a$10$${bcryptBase64(randomBytes(16))}`);
}

function bcryptBase64(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,6}/g) ?? [];
  return groups.map((group) => bcryptAlphabet[Number.parseInt(group.padEnd(6, '0'), 2)]).join('');
}
