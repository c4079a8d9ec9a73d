import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { BuildError } from './errors.ts';
import { takeInternalAnnotations } from './internal-annotations.ts';
import { cloneJson, fieldOf, isObject, nodeKind, scalarText, textMap } from './json.ts';
import type { SchemaSet } from './merge/schema.ts';
import { RepeatedKeyError, readConfig, readManifest } from './read-yaml.ts';
import { Resource } from './resource.ts';

const separator = /\n---.*\n/g;

/** The resources of a manifest text: documents split, `*List` kinds expanded, name and kind checked. */
export function parseResources(text: string, schemas: SchemaSet): Resource[] {
  const sources = new WeakMap<JsonObject, Source>();
  const objects = expandLists(keepValid(parseObjects(text, sources)));
  return objects.map((object) => {
    const resource = new Resource(object, schemas);
    const source = sources.get(object);
    resource.defect = source?.defect;
    resource.text = source?.text;
    takeInternalAnnotations(resource);
    return resource;
  });
}

/** Where an object stands; items of lists among other documents have no text of their own. */
interface Source {
  readonly text: string;
  readonly defect: string | undefined;
}

function splitDocuments(text: string): string[] {
  if (text === '') return [];
  const documents: string[] = [];
  let start = 0;
  for (const match of text.matchAll(separator)) {
    const rest = match[0].slice(4).trim();
    if (rest !== '' && !rest.startsWith('#')) throw new BuildError(`invalid document separator: ${match[0].trim()}`);
    documents.push(`${text.slice(start, match.index)}\n`);
    start = match.index + match[0].length;
  }
  documents.push(text.slice(start));
  return documents;
}

function parseObjects(text: string, sources: WeakMap<JsonObject, Source>): JsonValue[] {
  const texts = splitDocuments(text.includes('\r\n') ? text.replaceAll('\r\n', '\n') : text);
  const objects: JsonValue[] = [];
  for (const document of texts) {
    const { value, defect } = parseDocument(document);
    if (value === null) continue;
    const items = (texts.length === 1 ? listItems(value) : undefined) ?? [value];
    for (const item of items) if (isObject(item)) sources.set(item, { text: document, defect });
    objects.push(...items);
  }
  return objects;
}

interface ParsedDocument {
  readonly value: JsonValue;
  /** What is wrong with the document, if it is only found when it is written. */
  readonly defect?: string;
}

/** kustomize finds repeated keys in the text that it writes, which lacks the blank lines at the start. */
function describeRepeats(error: RepeatedKeyError, text: string): string {
  const blank = /^\n*/.exec(text)?.[0].length ?? 0;
  const message = error.message.replace(/\bline (\d+)/g, (_, line) => `line ${Number(line) - blank}`);
  return `map[string]interface {}(nil): ${message}`;
}

/** Only the first YAML document of a piece counts, as kyaml's decoder reads it. */
function parseDocument(text: string): ParsedDocument {
  try {
    return { value: unshare(readManifest(text), text) };
  } catch (error) {
    if (error instanceof RepeatedKeyError) return { value: readConfig(text), defect: describeRepeats(error, text) };
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(`MalformedYAMLError: ${error.message}`, { cause: error });
  }
}

/** Aliases may share one object between places; every place gets its own, as later steps change them in place. */
function unshare(value: JsonValue, text: string): JsonValue {
  return text.includes('*') && text.includes('&') ? cloneJson(value) : value;
}

function listItems(value: JsonValue): JsonValue[] | undefined {
  if (!isObject(value)) return undefined;
  const kind = fieldOf(value, 'kind');
  if (kind !== 'List' && kind !== 'ResourceList') return undefined;
  const items = fieldOf(value, 'items');
  if (items === undefined) return fieldOf(value, 'functionConfig') === undefined ? undefined : [];
  return Array.isArray(items) ? items : [];
}

function keepValid(values: readonly JsonValue[]): JsonObject[] {
  const objects: JsonObject[] = [];
  for (const value of values) {
    if (value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0)) continue;
    objects.push(checkMetadata(value));
  }
  return objects;
}

/** Kind and name must be there; a list needs no name. */
export function checkMetadata(value: JsonValue): JsonObject {
  const object = isObject(value) ? value : {};
  const kind = scalarText(fieldOf(object, 'kind'));
  const apiVersion = scalarText(fieldOf(object, 'apiVersion'));
  const metadata = fieldOf(object, 'metadata');
  const meta = isObject(metadata) ? metadata : {};
  if (kind === '' && apiVersion === '' && Object.keys(meta).length === 0) {
    throw new BuildError('missing Resource metadata');
  }
  if (kind === '') throw new BuildError(`missing kind in object ${describeMeta(apiVersion, kind, meta)}`);
  if (!kind.endsWith('List') && scalarText(fieldOf(meta, 'name')) === '') {
    throw new BuildError(`missing metadata.name in object ${describeMeta(apiVersion, kind, meta)}`);
  }
  return object;
}

/** Go's `%v` of a ResourceMeta. */
function describeMeta(apiVersion: string, kind: string, meta: JsonObject): string {
  const map = (field: string): string =>
    `map[${[...textMap(fieldOf(meta, field))]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}:${value}`)
      .join(' ')}]`;
  const name = scalarText(fieldOf(meta, 'name'));
  const namespace = scalarText(fieldOf(meta, 'namespace'));
  return `{{${apiVersion} ${kind}} {{${name} ${namespace}} ${map('labels')} ${map('annotations')}}}`;
}

/** Items of a list come after all other objects of the file (resource/factory.go: inlineAnyEmbeddedLists). */
function expandLists(objects: readonly JsonObject[]): JsonObject[] {
  const queue = [...objects];
  const result: JsonObject[] = [];
  for (let index = 0; index < queue.length; index++) {
    const object = queue[index] as JsonObject;
    const kind = scalarText(fieldOf(object, 'kind'));
    const items = kind.endsWith('List') ? fieldOf(object, 'items') : undefined;
    if (items === undefined) result.push(object);
    else if (Array.isArray(items)) queue.push(...keepValid(items.flatMap((item) => listItems(item) ?? [item])));
    else if (items !== null) throw new BuildError(`expected array in ${kind}/items, but found ${goType(items)}`);
  }
  return result;
}

function goType(value: JsonValue): string {
  if (nodeKind(value) === 'MappingNode') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
