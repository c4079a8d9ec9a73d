import { FluxError } from '@flux/errors';
import type { ReadableFileSystem } from '@flux/fs';
import { kustomizationFileNames } from '../config/kustomization-file.ts';
import { BuildError } from '../errors.ts';
import { joinPath } from '../loader/repository.ts';
import { parseResources } from '../manifest.ts';
import { SchemaSet } from '../merge/schema.ts';

/** Leaves a path (relative to the folder that is scanned) out. */
export type IgnorePath = (path: string, isDirectory: boolean) => boolean;

/**
 * What a generated kustomization lists: manifests and folders with a kustomization of their own, in lexical order, each
 * starting with `./` (KUS-GEN-02). A manifest that does not parse fails the whole scan (KUS-GEN-03).
 */
export function scanManifests(fs: ReadableFileSystem, base: string, ignores: IgnorePath | undefined): string[] {
  const found: string[] = [];
  const schemas = new SchemaSet();
  const visit = (directory: string, relative: string): void => {
    for (const name of fs.readDirectory(directory)) {
      const path = joinPath(directory, name);
      const shown = `${relative}/${name}`;
      if (fs.isDirectory(path)) {
        if (findKustomizationFile(fs, path) !== undefined) found.push(shown);
        else visit(path, shown);
      } else if (/\.ya?ml$/.test(name) && !ignores?.(shown.slice(2), false)) {
        checkManifest(fs, path, schemas);
        found.push(shown);
      }
    }
  };
  visit(base, '.');
  return found;
}

/** The path of the folder's kustomization file (KUS-GEN-01). */
export function findKustomizationFile(fs: ReadableFileSystem, directory: string): string | undefined {
  return kustomizationFileNames.map((name) => joinPath(directory, name)).find((path) => fs.isFile(path));
}

function checkManifest(fs: ReadableFileSystem, path: string, schemas: SchemaSet): void {
  const text = fs.readText(path);
  try {
    parseResources(text, schemas);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new BuildError(`failed to decode Kubernetes YAML from ${path}: ${error.message}`, { cause: error });
  }
}
