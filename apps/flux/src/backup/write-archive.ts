import type { KubeObject } from '@flux/apimachinery';
import { sha256Hex } from '@flux/crypto';
import { packFiles } from '@flux/fs';
import { formatYaml } from '@flux/yaml';
import { type BackupIndex, fileOf, formatVersion, indexFile } from './format.ts';

export type BackupFacts = Omit<BackupIndex, 'format' | 'version' | 'objects'>;

/** A tar.gz of one YAML file an object, sorted by path, behind an index with their digests. Equal input gives equal bytes. */
export async function writeArchive(objects: readonly KubeObject[], facts: BackupFacts): Promise<Uint8Array> {
  const files = objects
    .map((object) => ({ object, path: fileOf(object), bytes: Buffer.from(formatYaml(object)) }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const index: BackupIndex = {
    format: 'flux-backup',
    version: formatVersion,
    ...facts,
    objects: files.map(({ object, path, bytes }) => {
      const { namespace, name } = object.metadata;
      const where = namespace ? { namespace } : {};
      return { file: path, apiVersion: object.apiVersion, kind: object.kind, ...where, name, sha256: sha256Hex(bytes) };
    }),
  };
  const { bytes } = await packFiles([{ path: indexFile, bytes: Buffer.from(formatYaml(index)) }, ...files]);
  return bytes;
}
