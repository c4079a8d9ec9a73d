import { createHash, createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { fn, type GoFunction, type GoInt, GoStruct, printValue } from '@flux/gotemplate';
import { toNumber } from './cast.ts';
import type { RandomBytes } from './crypto.ts';
import type { Now } from './dates.ts';
import { der, derInteger, derOid, derSequence, derTags, derTime, readDer } from './der.ts';
import { base64Bytes } from './encoding.ts';
import { parseIpAddress } from './ip-address.ts';
import { decodePem, encodePem, formatPrivateKey, generateRsaKey, parsePrivateKey } from './private-keys.ts';

interface Sources {
  now: Now;
  randomBytes: RandomBytes;
}

/** Whom a certificate is for; without names and addresses, and with `isAuthority`, it signs others. */
interface Subject {
  commonName: string;
  days: number;
  addresses?: readonly unknown[] | undefined;
  names?: readonly unknown[] | undefined;
  isAuthority?: boolean;
}

/** Who signs: a name as it stands in the signer's certificate, and the key. */
interface Signer {
  name: Buffer;
  key: KeyObject;
  keyId?: Buffer | undefined;
}

type Names = readonly unknown[] | undefined;

const oids = {
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** sprig's certificates: X.509 for servers and clients, and authorities that sign them. */
export function certificateFunctions(sources: Sources): Record<string, GoFunction> {
  const self = (subject: Subject, key: KeyObject) => {
    return certificate(sources, subject, key, { name: nameOf(subject.commonName), key });
  };
  const signed = (subject: Subject, authority: GoStruct, key: () => KeyObject) => {
    return certificate(sources, subject, key(), signerOf(authority));
  };
  const subjectOf = (commonName: string, addresses: Names, names: Names, days: GoInt): Subject => {
    return { commonName, addresses, names, days: toNumber(days) };
  };
  return {
    buildCustomCert: fn('string, string', buildCustom),
    genCA: fn('string, int', (commonName: string, days: GoInt) => {
      return self({ commonName, days: toNumber(days), isAuthority: true }, generateRsaKey());
    }),
    genCAWithKey: fn('string, int, string', (commonName: string, days: GoInt, key: string) => {
      return self({ commonName, days: toNumber(days), isAuthority: true }, givenKey(key));
    }),
    genSelfSignedCert: fn('string, list, list, int', (name: string, ips: Names, dns: Names, days: GoInt) => {
      return self(subjectOf(name, ips, dns, days), generateRsaKey());
    }),
    genSelfSignedCertWithKey: fn(
      'string, list, list, int, string',
      (name: string, ips: Names, dns: Names, days: GoInt, key: string) => {
        return self(subjectOf(name, ips, dns, days), givenKey(key));
      },
    ),
    genSignedCert: fn(
      'string, list, list, int, certificate',
      (name: string, ips: Names, dns: Names, days: GoInt, authority: GoStruct) => {
        return signed(subjectOf(name, ips, dns, days), authority, generateRsaKey);
      },
    ),
    genSignedCertWithKey: fn(
      'string, list, list, int, certificate, string',
      (...[name, ips, dns, days, authority, key]: [string, Names, Names, GoInt, GoStruct, string]) => {
        return signed(subjectOf(name, ips, dns, days), authority, () => givenKey(key));
      },
    ),
  };
}

function pair(cert: string, key: string): GoStruct {
  return new GoStruct('sprig.certificate', { fields: { Cert: cert, Key: key } });
}

function givenKey(text: string): KeyObject {
  return explain('parsing private key', () => parsePrivateKey(text));
}

function explain<T>(doing: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new TypeError(`${doing}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function buildCustom(encodedCert: string, encodedKey: string): GoStruct {
  const cert = decode(encodedCert, 'certificate');
  const key = decode(encodedKey, 'private key');
  readCertificate(cert, 'decodedCert');
  explain('error parsing private key', () => parsePrivateKey(key));
  return pair(cert, key);
}

function decode(text: string, what: string): string {
  const bytes = base64Bytes(text);
  if (typeof bytes === 'string') throw new TypeError(`unable to decode base64 ${what}`);
  return bytes.toString();
}

/** The subject and key id of a certificate. */
function readCertificate(text: string, variable: string): { name: Buffer; keyId: Buffer | undefined } {
  const block = decodePem(text);
  if (block === undefined) throw new TypeError('unable to decode certificate');
  return explain(`error parsing certificate: ${variable}.Bytes`, () => {
    let raw: Buffer;
    try {
      raw = new X509Certificate(block.bytes).raw;
    } catch {
      throw new TypeError('x509: malformed certificate');
    }
    const fields = readDer(readDer(readDer(raw)[0]!.content)[0]!.content);
    // The version, marked [0], is left out of certificates of version 1.
    const name = fields[fields[0]?.tag === 0xa0 ? 5 : 4]!.raw;
    const extensions = fields.find(({ tag }) => tag === 0xa3);
    return { name, keyId: extensions === undefined ? undefined : keyIdOf(extensions.content) };
  });
}

function keyIdOf(extensions: Buffer): Buffer | undefined {
  const wanted = derOid(oids.subjectKeyId);
  for (const { content } of readDer(readDer(extensions)[0]!.content)) {
    const parts = readDer(content);
    if (parts[0]?.raw.equals(wanted)) return readDer(parts.at(-1)!.content)[0]?.content;
  }
  return undefined;
}

function signerOf(authority: GoStruct): Signer {
  const signer = readCertificate(String(authority.fields.get('Cert')), 'decodedSignerCert');
  const key = explain('error parsing private key', () => parsePrivateKey(String(authority.fields.get('Key'))));
  return { ...signer, key };
}

function certificate({ now, randomBytes }: Sources, subject: Subject, key: KeyObject, signer: Signer): GoStruct {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = nameOf(subject.commonName);
  const start = Number(now() / 1_000_000n);
  const { oid, hash } = signatureOf(signer.key);
  const body = derSequence(
    der(0xa0, derInteger(Buffer.from([2]))),
    derInteger(serialNumber(randomBytes)),
    oid,
    signer.name,
    derSequence(derTime(start), derTime(start + subject.days * 86_400_000)),
    name,
    publicKey,
    der(0xa3, derSequence(...extensionsOf(subject, publicKey, signer.name.equals(name) ? undefined : signer.keyId))),
  );
  const signature = der(derTags.bitString, Buffer.from([0]), sign(hash, body, signer.key));
  return pair(encodePem('CERTIFICATE', derSequence(body, oid, signature)), formatPrivateKey(key));
}

function serialNumber(randomBytes: RandomBytes): Uint8Array {
  const bytes = randomBytes(16);
  return bytes.some((byte) => byte !== 0) ? bytes : Uint8Array.of(1);
}

/** What Go chooses to sign with, by the kind and size of the key. */
function signatureOf(key: KeyObject): { oid: Buffer; hash: string | null } {
  if (key.asymmetricKeyType === 'rsa')
    return { oid: derSequence(derOid('1.2.840.113549.1.1.11'), der(0x05)), hash: 'sha256' };
  if (key.asymmetricKeyType === 'ed25519') return { oid: derSequence(derOid('1.3.101.112')), hash: null };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const [last, hash] = curve === 'secp384r1' ? [3, 'sha384'] : curve === 'secp521r1' ? [4, 'sha512'] : [2, 'sha256'];
  if (key.asymmetricKeyType === 'ec') return { oid: derSequence(derOid(`1.2.840.10045.4.3.${last}`)), hash: `${hash}` };
  throw new TypeError('error creating certificate: x509: only RSA, ECDSA and Ed25519 keys supported');
}

function nameOf(commonName: string): Buffer {
  if (commonName === '') return derSequence();
  const isPrintable = /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(commonName);
  const text = der(isPrintable ? derTags.printableString : derTags.utf8String, Buffer.from(commonName));
  return derSequence(der(derTags.set, derSequence(derOid(oids.commonName), text)));
}

function extensionsOf(subject: Subject, publicKey: Buffer, authorityKeyId: Buffer | undefined): Buffer[] {
  const { isAuthority = false, commonName } = subject;
  // digitalSignature and keyEncipherment, of an authority keyCertSign too; the first byte counts unused bits.
  const usage = der(derTags.bitString, Buffer.from(isAuthority ? [2, 0xa4] : [5, 0xa0]));
  const purposes = derSequence(derOid(oids.serverAuth), derOid(oids.clientAuth));
  const constraints = derSequence(...(isAuthority ? [der(derTags.boolean, Buffer.from([0xff]))] : []));
  const names = alternativeNames(subject);
  return [
    extension(oids.keyUsage, usage, true),
    extension(oids.extendedKeyUsage, purposes),
    extension(oids.basicConstraints, constraints, true),
    ...(isAuthority ? [extension(oids.subjectKeyId, der(derTags.octetString, keyIdFor(publicKey)))] : []),
    ...(authorityKeyId === undefined ? [] : [extension(oids.authorityKeyId, derSequence(der(0x80, authorityKeyId)))]),
    ...(names.length === 0 ? [] : [extension(oids.alternativeNames, derSequence(...names), commonName === '')]),
  ];
}

function extension(oid: string, content: Buffer, isCritical = false): Buffer {
  const critical = isCritical ? [der(derTags.boolean, Buffer.from([0xff]))] : [];
  return derSequence(derOid(oid), ...critical, der(derTags.octetString, content));
}

/** Go names keys by the first 20 bytes of the SHA-256 of the bits of the key. */
function keyIdFor(publicKey: Buffer): Buffer {
  const bits = readDer(readDer(publicKey)[0]!.content)[1]!.content.subarray(1);
  return createHash('sha256').update(bits).digest().subarray(0, 20);
}

function alternativeNames({ addresses = [], names = [] }: Subject): Buffer[] {
  const ips = addresses.map((address) => {
    if (typeof address !== 'string') throw new TypeError(`error parsing ip: ${printValue(address)} is not a string`);
    const bytes = parseIpAddress(address);
    if (bytes === undefined) throw new TypeError(`error parsing ip: ${address}`);
    return der(0x87, bytes);
  });
  const hosts = names.map((name) => {
    if (typeof name !== 'string')
      throw new TypeError(`error processing alternate dns name: ${printValue(name)} is not a string`);
    if (!/^[\0-\x7f]*$/.test(name))
      throw new TypeError(
        `error creating certificate: x509: ${JSON.stringify(name)} cannot be encoded as an IA5String`,
      );
    return der(0x82, Buffer.from(name));
  });
  return [...hosts, ...ips];
}
