import { createRequire } from 'node:module';
import { draft4Metaschema } from './draft-4.table.ts';

const require = createRequire(import.meta.url);
const files: Readonly<Record<string, string>> = {
  'draft-06/schema': 'json-schema-draft-06.json',
  'draft-07/schema': 'json-schema-draft-07.json',
};
const newerFile = /^draft\/(2019-09|2020-12)\/((?:meta\/)?[a-z-]+)$/;

/** The published schema of schemas at a URL of json-schema.org; ajv carries all but that of draft 4. */
export function loadMetaschema(url: string): unknown {
  const path = /^https?:\/\/json-schema\.org\/(.*)$/.exec(url)?.[1];
  if (path === undefined) return undefined;
  if (path === 'schema') return loadMetaschema('https://json-schema.org/draft/2020-12/schema');
  if (path === 'draft-04/schema') return draft4Metaschema;
  const newer = newerFile.exec(path);
  const file = newer === null ? files[path] : `json-schema-${newer[1]}/${newer[2]}.json`;
  return file === undefined ? undefined : read(`ajv/dist/refs/${file}`);
}

function read(file: string): unknown {
  try {
    return require(file);
  } catch {
    return undefined;
  }
}
