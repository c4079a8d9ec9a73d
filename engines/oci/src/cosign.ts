import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { messageOf } from '@flux/errors';
import { type Descriptor, parseImageManifest } from './manifest.ts';
import { SignatureError } from './oci-error.ts';
import { isRecord } from './record.ts';
import type { Reference } from './reference.ts';
import type { PullOptions, RegistryClient } from './registry-client.ts';

/** A public key of cosign. */
export type CosignKey = KeyObject;

type Signed = Reference & { digest: string };
type Client = Pick<RegistryClient, 'find' | 'manifest' | 'pullBytes' | 'referrers'>;

const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const claimType = 'cosign container image signature';
const signatureAnnotation = 'dev.cosignproject.cosign/signature';
const bundleType = 'application/vnd.dev.sigstore.bundle';
const statementType = 'application/vnd.in-toto+json';
/** Nobody signs more often than this; a registry must not keep us busy. */
const maxSignatures = 100;
const maxBytes = 1024 * 1024;

/** Reads a PEM public key: ECDSA, RSA or Ed25519. Private keys and certificates are none. */
export function readCosignKey(pem: string): CosignKey {
  const [, type] = /^-----BEGIN ([A-Z ]+)-----$/m.exec(pem) ?? [];
  if (type === undefined) throw new SignatureError('PEM decoding failed');
  if (type !== 'PUBLIC KEY' && type !== 'RSA PUBLIC KEY') {
    throw new SignatureError(`unknown Public key PEM file type: ${type}. Are you passing the correct public key?`);
  }
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new SignatureError(`the public key cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Resolves when the owner of one of the keys has signed the manifest of the digest, offline: cosign's bundles that refer to it,
 * or its older signatures beside it. Rejects with cosign's words for the last key (SRC-OCI-20, SRC-OCI-21).
 */
export async function verifyCosign(
  client: Client,
  reference: Signed,
  keys: readonly CosignKey[],
  options: Pick<PullOptions, 'signal'> = {},
): Promise<void> {
  const bundles = await findBundles(client, reference, options);
  const signatures = bundles.length > 0 ? bundles : await findSignatures(client, reference, options);
  if (signatures.length === 0) throw new SignatureError('no signatures found');
  const problems: string[] = [];
  for (const fetchSignature of signatures.slice(0, maxSignatures)) {
    try {
      const check = await fetchSignature();
      checkAny(keys, check);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof SignatureError)) throw error;
      problems.push(error.message);
    }
  }
  const what = bundles.length > 0 ? 'attestations' : 'signatures';
  throw new SignatureError(`no matching ${what}: ${problems.join('\n ')}`);
}

/** Throws unless the signature is of the key and about the manifest. */
type Check = (key: CosignKey) => void;
type FetchSignature = () => Promise<Check>;

function checkAny(keys: readonly CosignKey[], check: Check): void {
  let problem: unknown = new SignatureError('no public keys');
  for (const key of keys) {
    try {
      check(key);
      return;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

/** The layers of `<digest>.sig`, each a claim with its signature as annotation. */
async function findSignatures(client: Client, reference: Signed, options: PullOptions): Promise<FetchSignature[]> {
  const { registry, repository, digest } = reference;
  const tag = `${digest.replace(':', '-')}.sig`;
  const found = await client.find({ registry, repository, tag }, options);
  const layers = found ? parseImageManifest(found.bytes).layers : [];
  return layers
    .filter(({ mediaType }) => mediaType === payloadType)
    .map((layer) => async () => {
      const signature = layer.annotations?.[signatureAnnotation];
      if (!signature) throw new SignatureError('signature layer is missing its signature');
      const payload = await client.pullBytes(reference, layer, { maxBytes, ...options });
      return (key) => {
        checkSignature(payload, signature, key);
        checkClaim(payload, digest);
      };
    });
}

/** What was signed has to be this very manifest. */
function checkClaim(payload: Uint8Array, digest: string): void {
  const claim = readJson(payload, 'payload');
  const critical = isRecord(claim['critical']) ? claim['critical'] : {};
  const image = isRecord(critical['image']) ? critical['image'] : {};
  if (critical['type'] !== claimType) throw new SignatureError(`unknown signature type ${String(critical['type'])}`);
  const claimed = String(image['docker-manifest-digest']);
  if (claimed !== digest) throw new SignatureError(`invalid or missing digest in claim: ${claimed}`);
}

/** Sigstore bundles that refer to the manifest, as cosign 3 writes them. */
async function findBundles(client: Client, reference: Signed, options: PullOptions): Promise<FetchSignature[]> {
  const referrers = await client.referrers(reference, options);
  return referrers
    .filter(({ artifactType }) => artifactType?.startsWith(bundleType))
    .map((descriptor) => async () => {
      const bundle = readJson(await pullBundle(client, reference, descriptor, options), 'bundle');
      return (key) => checkBundle(bundle, reference.digest, key);
    });
}

async function pullBundle(
  client: Client,
  { registry, repository }: Signed,
  { digest }: Descriptor,
  options: PullOptions,
): Promise<Uint8Array> {
  const { bytes } = await client.manifest({ registry, repository, digest }, options);
  const { layers } = parseImageManifest(bytes);
  const [layer] = layers;
  if (layer === undefined || layers.length > 1) throw new SignatureError('bundle must have exactly one layer');
  return client.pullBytes({ repository }, layer, { maxBytes, ...options });
}

/** A statement of in-toto about the digest, in an envelope (DSSE) that the key has signed. */
function checkBundle(bundle: Record<string, unknown>, digest: string, key: CosignKey): void {
  const envelope = bundle['dsseEnvelope'];
  if (!isRecord(envelope)) throw new SignatureError('bundle does not contain a DSSE envelope');
  const type = String(envelope['payloadType']);
  const payload = Buffer.from(String(envelope['payload']), 'base64');
  const signatures = Array.isArray(envelope['signatures']) ? envelope['signatures'] : [];
  const [signature] = signatures as unknown[];
  if (!isRecord(signature) || signatures.length > 1)
    throw new SignatureError('envelope must have exactly one signature');
  checkSignature(preAuthEncoding(type, payload), String(signature['sig']), key);
  if (type !== statementType) throw new SignatureError(`envelope holds ${type}, which is no statement`);
  const { subject } = readJson(payload, 'statement');
  const [algorithm = '', hex] = digest.split(':');
  const isAbout = (each: unknown) => isRecord(each) && isRecord(each['digest']) && each['digest'][algorithm] === hex;
  if (!Array.isArray(subject) || !subject.some(isAbout)) {
    throw new SignatureError('provided artifact digest does not match any digest in statement');
  }
}

/** What is signed of an envelope: its type and content with their lengths. */
function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}

function checkSignature(content: Uint8Array, signature: string, key: CosignKey): void {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  let isValid = false;
  try {
    isValid = verify(algorithm, content, key, Buffer.from(signature, 'base64'));
  } catch {
    // OpenSSL throws at some signatures of another form, which are as wrong as others
  }
  if (!isValid) throw new SignatureError('invalid signature when validating ASN.1 encoded signature');
}

function readJson(bytes: Uint8Array, what: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new SignatureError(`${what} is not valid JSON: ${messageOf(cause)}`, { cause });
  }
  throw new SignatureError(`${what} is not a JSON object`);
}
