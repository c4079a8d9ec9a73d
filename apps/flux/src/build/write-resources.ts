import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FluxError } from '@flux/errors';
import { type Resource, resourcesToYaml } from '@flux/kustomize';
import { isDirectory } from './paths.ts';

/** A resource whose name cannot be a file's name. */
class OutputError extends FluxError {
  override readonly code = 'BUILD_OUTPUT';
}

/** Writes all resources to a file or, when the path is a folder, each to a file of its own, named as kustomize names them. */
export async function writeResources(resources: readonly Resource[], path: string): Promise<void> {
  if (!(await isDirectory(path))) return writeFile(path, resourcesToYaml(resources));
  const namespaces = new Set(resources.filter(isNamespaced).map(namespaceOf));
  for (const resource of resources) {
    const namespace = isNamespaced(resource) && namespaces.size > 1 ? namespaceOf(resource) : '';
    await writeFile(join(path, fileName(resource, namespace)), resourcesToYaml([resource]));
  }
}

function isNamespaced({ id }: Resource): boolean {
  return !id.clusterScoped;
}

function namespaceOf({ namespace }: Resource): string {
  return namespace === '' ? 'default' : namespace;
}

/** `[<namespace>_][<group>_]<version>_<kind>_<name>.yaml`, in lower case. */
function fileName({ id }: Resource, namespace: string): string {
  const { group, version, kind, name } = id;
  const file = `${[namespace, group, version, kind, name].filter((part) => part !== '').join('_')}.yaml`.toLowerCase();
  if (/[/\\\0]/.test(file)) throw new OutputError(`${kind} '${name}' cannot be written to a file of its name`);
  return file;
}
