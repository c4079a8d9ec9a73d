import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crdOf, type Kind, kinds, versionSchema } from '@flux/api';
import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { parseYamlDocuments } from '@flux/yaml';
import type { Outcome } from '../outcome.ts';

/**
 * Compares our definitions with the published ones in meaning; descriptions are our own words. A file without `@` holds the
 * newest release with all its versions, a file with `@v` the last release that declared version v.
 */
export async function run(folder: string): Promise<Outcome[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const definitions = parseYamlDocuments(await readFile(join(folder, file), 'utf8')).filter(isDefinition);
    for (const definition of definitions) outcomes.push(...compare(file, definition));
  }
  return outcomes;
}

interface Definition extends JsonObject {
  metadata: JsonObject & { name: string };
  spec: JsonObject & { versions: (JsonObject & { name: string })[]; names: JsonObject };
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'CustomResourceDefinition';
}

function compare(file: string, recorded: Definition): Outcome[] {
  const base = file.replace('.yaml', '');
  const only = base.split('@')[1];
  const kind = kinds.find(({ crdName }) => crdName === recorded.metadata.name);
  if (!kind)
    return [{ id: `${base}/${recorded.metadata.name}`, failure: `no such kind yet: ${recorded.metadata.name}` }];
  const versions = recorded.spec.versions.filter(({ name }) => only === undefined || name === only);
  const outcomes = versions.flatMap((version) => compareVersion(base, kind, version));
  return only
    ? outcomes
    : [result(`${base}/names`, namesOf(recorded), namesOf(crdOf(kind) as unknown as Definition)), ...outcomes];
}

function namesOf(definition: Definition): JsonObject {
  const { group, names, scope } = definition.spec;
  const annotations = definition.metadata['annotations'] as JsonObject;
  const substitute = annotations['kustomize.toolkit.fluxcd.io/substitute'] ?? null;
  return { group, names, scope, substitute } as JsonObject;
}

function compareVersion(base: string, kind: Kind, recorded: JsonObject & { name: string }): Outcome[] {
  const id = `${base}/${recorded.name}`;
  const served = (crdOf(kind) as unknown as Definition).spec.versions.find(({ name }) => name === recorded.name);
  if (!served) return [];
  const published = { ...served, schema: { openAPIV3Schema: versionSchema(kind, { version: recorded.name }) } };
  const outcomes = [result(id, withoutDescriptions(recorded), withoutDescriptions(published))];
  if (served['storage'] !== true) return outcomes;
  const narrowed = differences(withoutDescriptions(recorded), withoutDescriptions(served), '').filter(
    (difference) => !isWidening(difference),
  );
  const failure = narrowed.map(({ text }) => text).join('\n');
  return [...outcomes, { id: `${id} as stored`, ...(failure ? { failure } : {}) }];
}

function result(id: string, recorded: JsonValue, ours: JsonValue): Outcome {
  const found = differences(recorded, ours, '');
  return found.length === 0 ? { id } : { id, failure: found.map(({ text }) => text).join('\n') };
}

interface Difference {
  path: string;
  recorded: JsonValue | undefined;
  ours: JsonValue | undefined;
  text: string;
}

/** What the union of all versions may change: more fields, more values of an enum, fewer required fields. */
function isWidening({ path, recorded, ours }: Difference): boolean {
  if (recorded === undefined) return /\.properties\.[^.]+$/.test(path);
  const isList = /\.(required|enum)$/.exec(path)?.[1];
  if (!isList || !Array.isArray(recorded)) return false;
  if (isList === 'required')
    return ours === undefined || (Array.isArray(ours) && ours.every((name) => recorded.includes(name)));
  return Array.isArray(ours) && recorded.every((value) => ours.includes(value));
}

function differences(recorded: JsonValue | undefined, ours: JsonValue | undefined, path: string): Difference[] {
  if (isObject(recorded) && isObject(ours)) {
    const names = [...new Set([...Object.keys(recorded), ...Object.keys(ours)])].sort();
    return names.flatMap((name) => differences(recorded[name], ours[name], `${path}.${name}`));
  }
  const [left, right] = [JSON.stringify(recorded), JSON.stringify(ours)];
  return left === right ? [] : [{ path, recorded, ours, text: `${path}: recorded ${left}, ours ${right}` }];
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutDescriptions(value: JsonValue, parent = ''): JsonValue {
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutDescriptions(item));
    return parent === 'required' || parent === 'enum' ? items.toSorted() : items;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([name]) => parent === 'properties' || name !== 'description');
  return Object.fromEntries(entries.sort().map(([name, child]) => [name, withoutDescriptions(child, name)]));
}
