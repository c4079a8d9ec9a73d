import type { KubeObject } from '@flux/apimachinery';
import { type Infer, int64, map, obj, only, required, requiredIn, str, time } from '../schema/schema.ts';

export type Artifact = Infer<ReturnType<typeof artifact>>;

/** The output of a source: a tarball at a URL, named by revision and digest (SRC-VER-04). */
export function artifact(doc: string) {
  return obj(doc, {
    path: required(str("Path of the file below the storage root of the source's controller.")),
    url: required(str('HTTP address from which other controllers fetch the artifact.')),
    revision: requiredIn(
      ['v1', 'v1beta2'],
      str('Human-readable identifier traceable in the origin, such as main@sha1:….'),
    ),
    digest: requiredIn(
      ['v1', 'v1beta2'],
      only(
        ['v1', 'v1beta2'],
        str('Digest of the file as <algorithm>:<checksum>.', {
          pattern: '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$',
        }),
      ),
    ),
    checksum: only(['v1beta1'], str('SHA-256 of the file in hex, superseded by digest.')),
    lastUpdateTime: required(time('When the artifact was last updated.')),
    size: only(['v1', 'v1beta2'], int64('Bytes in the file.')),
    metadata: only(['v1', 'v1beta2'], map('Upstream information such as OCI annotations.', str('Value.'))),
  });
}

/** SRC-VER-04: the checksum of older versions becomes a digest. */
export function translateArtifact(stored: KubeObject['status']): KubeObject['status'] {
  const { checksum, ...current } = stored;
  return current.digest || !checksum ? current : { ...current, digest: `sha256:${checksum}` };
}
