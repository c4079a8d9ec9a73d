import { createDigest, digestsEqual, parseDigest } from '@flux/crypto';
import type { Descriptor } from './manifest.ts';
import { IntegrityError } from './oci-error.ts';

/** Passes content on, and throws at its end, or as soon as there is too much, if it is not what the descriptor says. */
export async function* verifyStream(
  content: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): AsyncGenerator<Uint8Array> {
  const stream = await createDigest(parseDigest(digest).algorithm);
  let seen = 0;
  for await (const chunk of content) {
    seen += chunk.length;
    if (seen > size)
      throw new IntegrityError(`content of ${digest} is larger than the ${size} bytes of its descriptor`);
    stream.update(chunk);
    yield chunk;
  }
  if (seen !== size) throw new IntegrityError(`content of ${digest} ends after ${seen} of ${size} bytes`);
  const computed = stream.digest();
  if (!digestsEqual(computed, digest)) {
    throw new IntegrityError(`content has the digest ${computed} instead of ${digest}`);
  }
}
