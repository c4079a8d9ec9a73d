import { createHash, timingSafeEqual } from 'node:crypto';
import { FluxError } from '@flux/errors';

/** Algorithms that artifacts may be digested with (SRC-FLAG-02). */
export const digestAlgorithms = ['sha256', 'sha384', 'sha512', 'sha1', 'blake3'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

const hexLengths: Readonly<Record<DigestAlgorithm, number>> = {
  sha1: 40,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  blake3: 64,
};

/** A digest could not be parsed, or names an algorithm that is not known. */
export class DigestError extends FluxError {
  override readonly code = 'DIGEST';
}

/** A hash that is fed piece by piece. */
export interface DigestStream {
  update(data: Uint8Array | string): void;
  /** `algorithm:hex`. The stream is used up. */
  digest(): string;
}

/** Hex SHA-256 of bytes or UTF-8 text. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** `algorithm:hex` over bytes or UTF-8 text. */
export async function digest(algorithm: DigestAlgorithm, data: Uint8Array | string): Promise<string> {
  const stream = await createDigest(algorithm);
  stream.update(data);
  return stream.digest();
}

/** Starts a digest; asynchronous because BLAKE3 is not part of Node and is loaded when it is asked for. */
export async function createDigest(algorithm: DigestAlgorithm): Promise<DigestStream> {
  if (algorithm === 'blake3') {
    const { blake3 } = await import('@noble/hashes/blake3.js');
    const hash = blake3.create();
    return {
      update: (data) => void hash.update(typeof data === 'string' ? Buffer.from(data) : data),
      digest: () => `blake3:${Buffer.from(hash.digest()).toString('hex')}`,
    };
  }
  const hash = createHash(algorithm);
  return { update: (data) => void hash.update(data), digest: () => `${algorithm}:${hash.digest('hex')}` };
}

/** Splits `algorithm:hex`; text without a colon is taken as SHA-256 (KUS-SRC-06). Throws `DigestError`. */
export function parseDigest(text: string): { algorithm: DigestAlgorithm; hex: string } {
  const colon = text.indexOf(':');
  const name = colon < 0 ? 'sha256' : text.slice(0, colon);
  const hex = text.slice(colon + 1);
  const algorithm = digestAlgorithms.find((known) => known === name);
  if (algorithm === undefined) throw new DigestError('unsupported digest algorithm');
  if (hex.length !== hexLengths[algorithm]) throw new DigestError('invalid checksum digest length');
  if (!/^[a-f0-9]+$/.test(hex)) throw new DigestError('invalid checksum digest format');
  return { algorithm, hex };
}

/** Compares two digests without telling by time where they differ. */
export function digestsEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
