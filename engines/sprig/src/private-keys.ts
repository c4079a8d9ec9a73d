import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { derInteger, derSequence, readDer } from './der.ts';

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\s]*)-----END \1-----/;

/** The first PEM block of a text. */
export function decodePem(text: string): { type: string; bytes: Buffer } | undefined {
  const [, type, body] = pemBlock.exec(text) ?? [];
  return type === undefined || body === undefined ? undefined : { type, bytes: Buffer.from(body, 'base64') };
}

export function encodePem(type: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${type}-----\n`;
}

/** sprig's genPrivateKey: PEM in the format that belongs to the type. */
export function generatePrivateKey(type: string): string {
  switch (type) {
    case '':
    case 'rsa':
      return formatPrivateKey(generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey);
    case 'ecdsa':
      return formatPrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
    case 'ed25519':
      return formatPrivateKey(generateKeyPairSync('ed25519').privateKey);
    case 'dsa':
      return formatDsaKey(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey);
    default:
      return `Unknown type ${type}`;
  }
}

export function generateRsaKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

/** PKCS #1 for RSA, SEC 1 for ECDSA, PKCS #8 for the rest, as Go's sprig writes them. */
export function formatPrivateKey(key: KeyObject): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8';
  return key.export({ type, format: 'pem' }).toString();
}

/** OpenSSL's old format, which nothing else writes any more: version, p, q, g, public and private number. */
function formatDsaKey(key: KeyObject): string {
  const inside = readDer(readDer(key.export({ type: 'pkcs8', format: 'der' }))[0]!.content);
  const numbers = readDer(readDer(inside[1]!.content)[1]!.content).map(({ raw }) => raw);
  const subject = readDer(readDer(createPublicKey(key).export({ type: 'spki', format: 'der' }))[0]!.content);
  const publicNumber = subject[1]!.content.subarray(1);
  return encodePem(
    'DSA PRIVATE KEY',
    derSequence(derInteger(Buffer.from([0])), ...numbers, publicNumber, inside[2]!.content),
  );
}

/** A private key from PEM, with sprig's words about what is none. */
export function parsePrivateKey(text: string): KeyObject {
  const block = decodePem(text);
  if (block === undefined) throw new TypeError('no PEM data in input');
  const { type, bytes } = block;
  if (type === 'PRIVATE KEY') return read('decoding PEM as PKCS#8', bytes, 'pkcs8');
  if (!type.endsWith(' PRIVATE KEY')) throw new TypeError(`no private key data in PEM block of type ${type}`);
  const name = type.slice(0, -' PRIVATE KEY'.length);
  switch (name) {
    case 'RSA':
      return read('parsing RSA private key from PEM', bytes, 'pkcs1');
    case 'EC':
      return read('parsing EC private key from PEM', bytes, 'sec1');
    default:
      throw new TypeError(`invalid private key type ${name}`);
  }
}

function read(doing: string, key: Buffer, type: 'pkcs1' | 'pkcs8' | 'sec1'): KeyObject {
  try {
    return createPrivateKey({ key, format: 'der', type });
  } catch {
    // OpenSSL's words differ from release to release and tell nothing.
    throw new TypeError(`${doing}: failed to parse private key`);
  }
}
