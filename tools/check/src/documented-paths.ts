import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source-files.ts';

const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];
const pathLike = /`((?:base|model|engines|kube|controllers|apps|tools|docs|examples|manifests)\/[\w./-]+)`/g;

/** Paths that the root documents name and that do not exist. */
export function checkDocumentedPaths(): string[] {
  return documents.flatMap((document) => {
    const text = readFileSync(join(root, document), 'utf8');
    return [...text.matchAll(pathLike)]
      .map((match) => match[1]!)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${document}: names ${path}, which does not exist`);
  });
}
