import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { readCosignKey, verifyCosign } from './cosign.ts';
import type { Descriptor } from './manifest.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const reference = { registry: 'r', repository: 'charts/demo', digest };

/** The registry of one repository, in memory. */
class Shelf {
  readonly blobs = new Map<string, Buffer>();
  readonly manifests = new Map<string, Buffer>();
  readonly refers: Descriptor[] = [];

  put(content: object | string, mediaType: string, rest: Partial<Descriptor> = {}): Descriptor {
    const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
    const own = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    this.blobs.set(own, bytes);
    return { mediaType, digest: own, size: bytes.length, ...rest };
  }

  manifest(layers: Descriptor[]): Descriptor {
    const config = this.put({}, 'application/vnd.oci.empty.v1+json');
    const made = this.put({ schemaVersion: 2, config, layers }, 'application/vnd.oci.image.manifest.v1+json');
    this.manifests.set(made.digest, this.blobs.get(made.digest)!);
    return made;
  }

  /** As `cosign sign` of versions before 3. */
  sign(key: KeyObject, claims: string, type = 'cosign container image signature'): void {
    const image = { 'docker-manifest-digest': claims };
    const payload = JSON.stringify({ critical: { identity: { 'docker-reference': '' }, image, type }, optional: null });
    const signature = signatureOf(Buffer.from(payload), key);
    const annotations = { 'dev.cosignproject.cosign/signature': signature };
    const layer = this.put(payload, 'application/vnd.dev.cosign.simplesigning.v1+json', { annotations });
    const made = this.manifest([layer]);
    this.manifests.set(`${digest.replace(':', '-')}.sig`, this.blobs.get(made.digest)!);
  }

  /** As `cosign sign` of version 3. */
  signBundle(key: KeyObject, claims: string): void {
    const subject = [{ digest: { sha256: claims.replace('sha256:', '') } }];
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject,
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
    };
    const payload = Buffer.from(JSON.stringify(statement));
    const payloadType = 'application/vnd.in-toto+json';
    const signed = Buffer.concat([
      Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
      payload,
    ]);
    const dsseEnvelope = {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: signatureOf(signed, key) }],
    };
    const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const bundle = { mediaType, verificationMaterial: { publicKey: { hint: 'x' } }, dsseEnvelope };
    this.refers.push({ ...this.manifest([this.put(bundle, mediaType)]), artifactType: mediaType });
  }

  client() {
    const find = async ({ tag, digest: wanted }: { tag?: string; digest?: string }) => {
      const bytes = this.manifests.get(tag ?? wanted ?? '');
      return bytes && { descriptor: { mediaType: '', digest, size: bytes.length }, bytes };
    };
    return {
      find,
      manifest: async (of: { digest?: string }) => (await find(of))!,
      pullBytes: async (_: unknown, descriptor: Descriptor) => this.blobs.get(descriptor.digest)!,
      referrers: async () => this.refers,
    };
  }
}

function signatureOf(content: Buffer, key: KeyObject): string {
  return sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', content, key).toString('base64');
}

const ecdsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keys = {
  ecdsa,
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ed25519: generateKeyPairSync('ed25519'),
};

test.each(Object.entries(keys))('signatures of %s keys in both forms are taken (SRC-OCI-20)', async (_, pair) => {
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' });
  const [old, bundled] = [new Shelf(), new Shelf()];
  old.sign(pair.privateKey, digest);
  bundled.signBundle(pair.privateKey, digest);

  await verifyCosign(old.client(), reference, [readCosignKey(String(pem))]);
  await verifyCosign(bundled.client(), reference, [readCosignKey(String(pem))]);
});

test('a signature of somebody else, or of something else, is none', async () => {
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const verify = (fill: (shelf: Shelf) => void) => {
    const shelf = new Shelf();
    fill(shelf);
    return expect(verifyCosign(shelf.client(), reference, [ecdsa.publicKey])).rejects;
  };
  const invalid = 'invalid signature when validating ASN.1 encoded signature';

  await verify(() => {}).toThrow('no signatures found');
  await verify((shelf) => shelf.sign(stranger, digest)).toThrow(`no matching signatures: ${invalid}`);
  await verify((shelf) => shelf.sign(ecdsa.privateKey, other)).toThrow(`invalid or missing digest in claim: ${other}`);
  await verify((shelf) => shelf.sign(ecdsa.privateKey, digest, 'else')).toThrow('unknown signature type else');
  await verify((shelf) => shelf.signBundle(stranger, digest)).toThrow(`no matching attestations: ${invalid}`);
  await verify((shelf) => shelf.signBundle(ecdsa.privateKey, other)).toThrow(
    'provided artifact digest does not match any digest in statement',
  );
});

test('one good signature among others is enough', async () => {
  const shelf = new Shelf();
  shelf.signBundle(generateKeyPairSync('ed25519').privateKey, digest);
  shelf.signBundle(ecdsa.privateKey, digest);

  await verifyCosign(shelf.client(), reference, [ecdsa.publicKey]);
});

test('one of several keys is enough, and a signature is fetched once for all of them', async () => {
  const shelf = new Shelf();
  shelf.sign(ecdsa.privateKey, digest);
  const client = shelf.client();
  const pulled: string[] = [];
  const pullBytes = (from: unknown, descriptor: Descriptor) => {
    pulled.push(descriptor.digest);
    return client.pullBytes(from, descriptor);
  };
  const others = [keys.rsa.publicKey, keys.ed25519.publicKey];

  await verifyCosign({ ...client, pullBytes }, reference, [...others, ecdsa.publicKey]);
  expect(pulled).toHaveLength(1);
  await expect(verifyCosign(client, reference, others)).rejects.toThrow('no matching signatures');
  await expect(verifyCosign(client, reference, [])).rejects.toThrow('no public keys');
});

test('only public keys are keys', () => {
  const secret = String(ecdsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));

  expect(() => readCosignKey(secret)).toThrow('unknown Public key PEM file type: PRIVATE KEY.');
  expect(() => readCosignKey('nonsense')).toThrow('PEM decoding failed');
  expect(() => readCosignKey('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n')).toThrow(
    'the public key cannot be read',
  );
});
