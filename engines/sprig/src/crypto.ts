import { createCipheriv, createDecipheriv, createHash, createHmac, generateKeyPairSync, scryptSync } from 'node:crypto';
import { bytesOf, fn, type GoFunction, GoInt } from '@flux/gotemplate';
import { toNumber } from './cast.ts';
import { decodeBase64 } from './encoding.ts';

/** Where random bytes come from; a test gives a fixed source. */
export type RandomBytes = (count: number) => Uint8Array;

const maxRandom = 1_000_000;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const digits = '0123456789';
const printable = Array.from({ length: 95 }, (_unused, index) => String.fromCharCode(32 + index)).join('');

/** Functions that a chart can use for passwords and certificates that are not in this build. */
const missing: Readonly<Record<string, string>> = {
  bcrypt: 'string',
  htpasswd: 'string, string',
  buildCustomCert: 'string, string',
  genCA: 'string, int',
  genCAWithKey: 'string, int, string',
  genSelfSignedCert: 'string, list, list, int',
  genSelfSignedCertWithKey: 'string, list, list, int, string',
  genSignedCert: 'string, list, list, int, any',
  genSignedCertWithKey: 'string, list, list, int, any, string',
};

/** Digests, random text, keys and AES. */
export function cryptoFunctions(randomBytes: RandomBytes): Record<string, GoFunction> {
  const randomText = (alphabet: string) => fn('int', (count: GoInt) => pick(randomBytes, alphabet, toNumber(count)));
  const functions: Record<string, GoFunction> = {
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
    genPrivateKey: fn('string', generateKey),
    derivePassword: fn('int64, string, string, string, string', derivePassword),
    encryptAES: fn('string, string', (key: string, text: string) => encrypt(key, text, randomBytes(16))),
    decryptAES: fn('string, string', decrypt),
  };
  for (const [name, signature] of Object.entries(missing)) {
    functions[name] = fn(signature, () => {
      throw new TypeError(`function "${name}" is not in this build yet`);
    });
  }
  return functions;
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

function generateKey(type: string): string {
  switch (type) {
    case '':
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength: 4096 })
        .privateKey.export({ type: 'pkcs1', format: 'pem' })
        .toString();
    case 'ecdsa':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'sec1', format: 'pem' })
        .toString();
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    case 'dsa':
      throw new TypeError('genPrivateKey cannot make keys of type "dsa"');
    default:
      return `Unknown type ${type}`;
  }
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
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv);
  return Buffer.concat([iv, cipher.update(text), cipher.final()]).toString('base64');
}

function decrypt(password: string, text: string): string {
  const problem = decodeBase64(text);
  if (problem.startsWith('illegal base64')) throw new TypeError(problem);
  const bytes = Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16));
  return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString();
}
