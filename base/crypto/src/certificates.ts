import { randomBytes, webcrypto } from 'node:crypto';

/** A certificate with its private key, both PEM; the key is PKCS #8. */
export interface CertifiedKey {
  certPem: string;
  keyPem: string;
}

export interface AuthorityOptions {
  commonName: string;
  days: number;
}

export interface CertificateOptions extends AuthorityOptions {
  /** Kubernetes reads these as the groups of a client. */
  organizations?: readonly string[];
  dnsNames?: readonly string[];
  ipAddresses?: readonly string[];
  usage: 'server' | 'client';
}

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
/** Clocks of machines differ a little. */
const backdateMs = 5 * 60_000;

/** Makes a self-signed certificate authority (ECDSA P-256). */
export async function createAuthority({ commonName, days }: AuthorityOptions): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(days),
    serialNumber: serialNumber(),
    name: subject(x509, { commonName }),
    keys,
    signingAlgorithm: curve,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await exportKey(keys.privateKey) };
}

/** Issues a certificate for a server (by its names and addresses) or a client (user and groups in the subject). */
export async function issueCertificate(authority: CertifiedKey, options: CertificateOptions): Promise<CertifiedKey> {
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certPem);
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(options.days),
    serialNumber: serialNumber(),
    subject: subject(x509, options),
    // Not as text, which would be encoded anew: Go compares the bytes of the two names.
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    signingAlgorithm: curve,
    extensions: await extensions(x509, options, issuer),
  });
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await exportKey(keys.privateKey) };
}

async function extensions(x509: X509, options: CertificateOptions, issuer: InstanceType<X509['X509Certificate']>) {
  const purpose = options.usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const names = [
    ...(options.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(options.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
    new x509.ExtendedKeyUsageExtension([purpose]),
    await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
  ];
}

type X509 = typeof import('@peculiar/x509');

async function loadX509(): Promise<X509> {
  await import('reflect-metadata'); // @peculiar/x509 needs it and no longer brings it along
  return import('@peculiar/x509');
}

/** Typed strings: the library reads plain ones as RFC 4514 text, in which quotes would change the name. */
function subject(
  x509: X509,
  { commonName, organizations = [] }: { commonName: string; organizations?: readonly string[] },
) {
  return new x509.Name([
    ...organizations.map((organization) => ({ O: [{ utf8String: organization }] })),
    { CN: [{ utf8String: commonName }] },
  ]);
}

function validity(days: number) {
  const now = Date.now();
  return { notBefore: new Date(now - backdateMs), notAfter: new Date(now + days * dayMs) };
}

/** 128 random bits; the first byte keeps the number positive and without a leading zero. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', bytes, curve, false, ['sign']);
}
