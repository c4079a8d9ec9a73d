import { isJsonObject } from '@flux/apimachinery';
import { isVersion } from '@flux/semver';
import type { ChartMetadata } from '../chart/chart.ts';
import { cleanText } from '../chart/clean-text.ts';
import {
  defineStruct,
  type IndexSyntax,
  mismatch,
  readAny,
  readBoolean,
  readList,
  readMap,
  readMoment,
  readScalar,
  readStruct,
  readStructs,
  readText,
} from './entry-fields.ts';
import { zeroTime } from './entry-time.ts';

/** One version of one chart in a repository's index, with Go's key order. */
export interface IndexEntry extends ChartMetadata {
  urls: string[] | null;
  created: string;
  removed?: boolean;
  digest?: string;
  /** Deprecated fields that Helm still accepts. */
  checksum?: string;
  engine?: string;
  tillerVersion?: string;
  url?: string;
}

const texts = readList(readText);

const maintainer = defineStruct('Maintainer', { name: readText, email: readText, url: readText });

const dependency = defineStruct('Dependency', {
  name: readText,
  version: readText,
  repository: readText,
  condition: readText,
  tags: texts,
  enabled: readBoolean,
  'import-values': readAny,
  alias: readText,
});

const metadataFields = {
  name: readText,
  home: readText,
  sources: texts,
  version: readText,
  description: readText,
  keywords: texts,
  maintainers: readStructs(maintainer, 'v2.Maintainer'),
  icon: readText,
  apiVersion: readText,
  condition: readText,
  tags: readText,
  appVersion: readText,
  deprecated: readBoolean,
  annotations: readMap(readText),
  kubeVersion: readText,
  dependencies: readStructs(dependency, 'v2.Dependency'),
  type: readText,
};

const entryStruct = defineStruct(
  'ChartVersion',
  {
    ...metadataFields,
    urls: readList(readScalar),
    created: readMoment,
    removed: readBoolean,
    digest: readScalar,
    checksum: readScalar,
    engine: readScalar,
    tillerVersion: readScalar,
    url: readScalar,
  },
  { name: 'Metadata', fields: new Set(Object.keys(metadataFields)) },
);

/**
 * Reads one parsed entry. Undefined means that it is no valid chart and is left out (SRC-HREPO-09); what Go cannot decode at all
 * fails the whole index.
 */
export function readIndexEntry(value: unknown, syntax: IndexSyntax): IndexEntry | undefined {
  if (value === null || value === undefined) return undefined;
  const place = { syntax, struct: 'IndexFile', path: 'entries' };
  if (!isJsonObject(value)) throw mismatch(value, place, 'repo.ChartVersion');
  const struct = readStruct(value, entryStruct, place);
  if (!cleanEntry(struct)) return undefined;
  return orderEntry(struct);
}

/** Empty lists are left out like lists that are not there, but `urls` and `created` are always written. */
function orderEntry(struct: Record<string, unknown>): IndexEntry {
  const entry: Record<string, unknown> = {};
  for (const key of entryStruct.fields.keys()) {
    const value = struct[key];
    if (key === 'urls') entry['urls'] = value ?? null;
    else if (key === 'created') entry['created'] = value ?? zeroTime;
    else if (value !== undefined && !(Array.isArray(value) && value.length === 0)) entry[key] = value;
  }
  if (!isIndexEntry(entry)) throw new TypeError('an entry without a name was not left out');
  return entry;
}

function isIndexEntry(entry: object): entry is IndexEntry {
  return 'name' in entry && 'version' in entry && 'apiVersion' in entry;
}

const cleanedTexts = ['name', 'description', 'home', 'icon', 'condition', 'tags', 'appVersion', 'kubeVersion'] as const;

/** Helm's Metadata.Validate: takes out what cannot be printed, and says whether the chart is valid. */
function cleanEntry(struct: Record<string, unknown>): boolean {
  for (const key of cleanedTexts) {
    const value = struct[key];
    if (typeof value === 'string') struct[key] = cleanText(value) || undefined;
  }
  for (const key of ['sources', 'keywords']) cleanList(struct[key]);
  struct['apiVersion'] ??= 'v1';
  const { name, version, type } = struct;
  if (typeof name !== 'string' || name === '.' || name === '..' || name.includes('/')) return false;
  if (typeof version !== 'string' || !isVersion(version)) return false;
  if (type !== undefined && type !== 'application' && type !== 'library') return false;
  return cleanStructs(struct['maintainers'], ['name', 'email', 'url']) && cleanDependencies(struct['dependencies']);
}

function cleanList(list: unknown): void {
  if (!Array.isArray(list)) return;
  for (const [index, item] of list.entries()) {
    if (typeof item === 'string') list[index] = cleanText(item);
  }
}

function cleanStructs(list: unknown, keys: readonly string[]): boolean {
  if (!Array.isArray(list)) return true;
  return list.every((item: unknown) => {
    if (!isJsonObject(item)) return false; // null nodes are not allowed
    for (const key of keys) {
      const value = item[key];
      if (typeof value === 'string') item[key] = cleanText(value);
      if (item[key] === '') delete item[key];
    }
    return true;
  });
}

/** That two dependencies have one name is tolerated: some repositories strip the alias (helm issue 12748). */
function cleanDependencies(list: unknown): boolean {
  if (!cleanStructs(list, ['version', 'condition'])) return false;
  if (!Array.isArray(list)) return true;
  return list.every((item: unknown) => {
    if (!isJsonObject(item)) return false;
    cleanList(item['tags']);
    if (Array.isArray(item['tags']) && item['tags'].length === 0) delete item['tags'];
    // These two are written also when they are empty.
    const required = { name: textOr(item['name']), repository: textOr(item['repository']) };
    const rest = { ...item };
    for (const key of Object.keys(item)) delete item[key];
    for (const key of dependency.fields.keys()) {
      if (key === 'name' || key === 'repository') item[key] = required[key];
      else if (rest[key] !== undefined) item[key] = rest[key];
    }
    return typeof rest['alias'] !== 'string' || /^[a-zA-Z0-9_-]+$/.test(rest['alias']);
  });
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? cleanText(value) : '';
}
