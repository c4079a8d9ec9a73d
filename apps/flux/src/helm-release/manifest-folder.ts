import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kinds } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { parseYamlDocuments } from '@flux/yaml';

/** The objects that the YAML files of a folder hold. */
export class ManifestFolder {
  readonly path: string;
  readonly #objects: readonly KubeObject[];

  constructor(path: string, objects: readonly KubeObject[]) {
    this.path = path;
    this.#objects = objects;
  }

  /** Any version of a kind counts; an object without a namespace is in every one. */
  find({ kind, namespace, name }: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): KubeObject | undefined {
    const found = this.#objects.find(
      (object) =>
        object.kind === kind &&
        object.metadata.name === name &&
        (object.metadata.namespace === undefined || object.metadata.namespace === namespace),
    );
    if (!found) return undefined;
    const read = kinds.find((candidate) => candidate.serves(found))?.read(found) ?? found;
    return { ...read, metadata: { ...read.metadata, ...(namespace ? { namespace } : {}) } } as KubeObject;
  }
}

const skipped = new Set(['.git', 'node_modules']);

/** Reads every YAML file below; files that are no manifests, such as templates of charts, are passed over. */
export async function readManifestFolder(path: string): Promise<ManifestFolder> {
  const objects: KubeObject[] = [];
  for (const file of await listYaml(path)) objects.push(...(await readObjects(file)));
  return new ManifestFolder(path, objects);
}

async function listYaml(path: string): Promise<string[]> {
  const entries = (await readdir(path, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files: string[] = [];
  for (const entry of entries) {
    const full = join(path, entry.name);
    if (entry.isDirectory() && !skipped.has(entry.name)) files.push(...(await listYaml(full)));
    else if (entry.isFile() && /\.ya?ml$/.test(entry.name)) files.push(full);
  }
  return files;
}

async function readObjects(file: string): Promise<KubeObject[]> {
  try {
    const documents = parseYamlDocuments(await readFile(file, 'utf8'), { mode: 'sigs' }) as (KubeObject | null)[];
    return documents.filter((document): document is KubeObject => typeof document?.metadata?.name === 'string');
  } catch {
    return [];
  }
}
