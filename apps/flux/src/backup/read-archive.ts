import { isJsonObject, type KubeObject } from '@flux/apimachinery';
import { sha256Hex } from '@flux/crypto';
import { ArchiveError, type PackedFile, readArchive } from '@flux/fs';
import { parseYaml, YamlError } from '@flux/yaml';
import { BackupError } from './backup-error.ts';
import { isDefinition, isFluxGroup, isOfFlux } from './flux-definitions.ts';
import { type Backup, type BackupIndex, fileOf, formatVersion, type IndexEntry, indexFile } from './format.ts';

/** Against bombs: beyond what etcd holds in all, and what it takes for one object. */
const maxBytes = 2 * 1024 ** 3;
const maxObjectBytes = 8 * 1024 ** 2;
const maxEntries = 1_000_000;
const rbacKinds = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];
const coreKinds = ['Namespace', 'Secret', 'ConfigMap', 'ServiceAccount'];

/**
 * Reads an archive that may come from anywhere: it is taken only when every file is one that the index lists, holds the very
 * object that the index says, and is of a kind that such a backup has.
 */
export async function readBackup(bytes: Uint8Array, limits: { maxBytes?: number } = {}): Promise<Backup> {
  try {
    const [first, ...files] = await readArchive(bytes, { maxBytes, maxEntries, ...limits });
    if (first?.path !== indexFile) throw new BackupError(`it does not begin with ${indexFile}`);
    const index = readIndex(parseYaml(textOf(first), { file: indexFile, strict: true }));
    return { index, objects: readObjects(index, files) };
  } catch (error) {
    const isExpected = error instanceof ArchiveError || error instanceof YamlError || error instanceof BackupError;
    if (!isExpected) throw error;
    throw new BackupError(`the archive is no sound backup of flux: ${error.message}`, { cause: error.cause });
  }
}

function readIndex(value: unknown): BackupIndex {
  if (!isJsonObject(value) || value['format'] !== 'flux-backup')
    throw new BackupError(`${indexFile} is not of a backup`);
  const { version } = value;
  if (version !== formatVersion) {
    const isNewer = typeof version === 'number' && version > formatVersion;
    throw new BackupError(
      isNewer
        ? `it has format ${version}, which a newer flux wrote; this one reads format ${formatVersion}`
        : `its format ${JSON.stringify(version)} is unknown`,
    );
  }
  const { scope, objects, secrets } = value;
  if ((scope !== 'flux' && scope !== 'all') || !Array.isArray(objects) || typeof secrets !== 'boolean') {
    throw new BackupError(`${indexFile} is incomplete`);
  }
  const text = (name: string) => (typeof value[name] === 'string' ? value[name] : 'unknown');
  return {
    format: 'flux-backup',
    version: formatVersion,
    createdAt: text('createdAt'),
    flux: text('flux'),
    kubernetes: text('kubernetes'),
    scope,
    ...(typeof value['namespace'] === 'string' ? { namespace: value['namespace'] } : {}),
    secrets,
    objects: objects.map(readEntry),
  };
}

function readEntry(value: unknown): IndexEntry {
  const entry = isJsonObject(value) ? value : {};
  const { file, apiVersion, kind, namespace, name, sha256 } = entry;
  const isText = [file, apiVersion, kind, name, sha256].every((member) => typeof member === 'string' && member !== '');
  if (!isText || (namespace !== undefined && typeof namespace !== 'string')) {
    throw new BackupError(`${indexFile} has an incomplete entry`);
  }
  return entry as unknown as IndexEntry;
}

function readObjects({ objects: entries, scope }: BackupIndex, files: readonly PackedFile[]): KubeObject[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  if (byPath.size !== files.length) throw new BackupError('it has a file twice');
  const objects = entries.map((entry) => {
    const file = byPath.get(entry.file);
    if (!file) throw new BackupError(`${entry.file} is missing`);
    byPath.delete(entry.file);
    return readObject(entry, file, scope);
  });
  const [extra] = byPath.keys();
  if (extra !== undefined) throw new BackupError(`${extra} is not in ${indexFile}`);
  return objects;
}

function readObject(entry: IndexEntry, file: PackedFile, scope: 'flux' | 'all'): KubeObject {
  if (file.bytes.length > maxObjectBytes) throw new BackupError(`${file.path} is larger than ${maxObjectBytes} bytes`);
  if (sha256Hex(file.bytes) !== entry.sha256) throw new BackupError(`${file.path} does not match its checksum`);
  const object = asObject(parseYaml(textOf(file), { file: file.path, strict: true }));
  const { namespace, name } = object?.metadata ?? {};
  const isTheOne =
    object !== undefined &&
    object.apiVersion === entry.apiVersion &&
    object.kind === entry.kind &&
    namespace === entry.namespace &&
    name === entry.name &&
    fileOf(object) === entry.file;
  if (!isTheOne) throw new BackupError(`${file.path} does not hold ${entry.kind} ${entry.name}`);
  if (scope === 'flux' && !isPartOfFlux(object)) {
    throw new BackupError(`${file.path} holds a ${entry.kind}, which does not belong to Flux`);
  }
  return object;
}

function asObject(value: unknown): KubeObject | undefined {
  if (!isJsonObject(value) || !isJsonObject(value['metadata'])) return undefined;
  return value as unknown as KubeObject;
}

function isPartOfFlux(object: KubeObject): boolean {
  const { apiVersion, kind } = object;
  if (isDefinition(object)) return isFluxGroup(String(object['spec']?.group));
  if (apiVersion === 'v1') return coreKinds.includes(kind);
  if (apiVersion === 'rbac.authorization.k8s.io/v1') return rbacKinds.includes(kind);
  return isOfFlux(object);
}

function textOf({ bytes }: PackedFile): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
