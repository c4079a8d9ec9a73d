import { BuildError } from './errors.ts';
import type { Loader } from './loader/loader.ts';
import { parseResources } from './manifest.ts';
import type { SchemaSet } from './merge/schema.ts';
import type { Resource } from './resource.ts';

/** The resources of a file; malformed YAML is reported with the file's name. */
export function parseNamedFile(path: string, loader: Loader, schemas: SchemaSet): Resource[] {
  const content = loader.loadText(path);
  try {
    return parseResources(content, schemas);
  } catch (error) {
    if (!(error instanceof BuildError) || !isMalformedYaml(error)) throw error;
    throw new BuildError(`${error.message} in File: ${path}`, { cause: error });
  }
}

export function isMalformedYaml(error: Error): boolean {
  return error.message.includes('MalformedYAMLError');
}
