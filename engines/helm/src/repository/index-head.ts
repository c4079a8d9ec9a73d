import { isJsonObject } from '@flux/apimachinery';
import {
  defineStruct,
  type IndexSyntax,
  mismatch,
  type ReadField,
  readList,
  readMap,
  readMoment,
  readScalar,
  readStruct,
} from './entry-fields.ts';
import { zeroTime } from './entry-time.ts';
import { IndexError } from './repository-error.ts';

/** What an index says besides its charts. */
export interface IndexHead {
  readonly serverInfo?: Readonly<Record<string, unknown>>;
  readonly apiVersion: string;
  readonly generated: string;
  readonly publicKeys?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const readServerInfo: ReadField = (value, place) => {
  if (value === null || value === undefined) return undefined;
  if (!isJsonObject(value)) throw mismatch(value, place, 'map[string]interface {}');
  const keys = Object.keys(value);
  return keys.length === 0 ? undefined : Object.fromEntries(keys.sort().map((key) => [key, value[key]]));
};

const indexStruct = defineStruct('IndexFile', {
  serverInfo: readServerInfo,
  apiVersion: readScalar,
  generated: readMoment,
  /** Read apart from the others. */
  entries: () => undefined,
  publicKeys: readList(readScalar),
  annotations: readMap(readScalar),
});

/** Reads the top-level fields but for `entries` (SRC-HREPO-09). */
export function readIndexHead(value: unknown, syntax: IndexSyntax): IndexHead {
  const fields = value ?? {};
  if (!isJsonObject(fields)) throw mismatch(fields, { syntax, struct: '', path: '' }, 'repo.IndexFile');
  const read = readStruct(fields, indexStruct, { syntax, struct: 'IndexFile', path: '' });
  const { serverInfo, apiVersion, generated, publicKeys, annotations } = read;
  if (typeof apiVersion !== 'string') throw new IndexError('no API version specified');
  return {
    ...(isJsonObject(serverInfo) ? { serverInfo } : {}),
    apiVersion,
    generated: typeof generated === 'string' ? generated : zeroTime,
    ...(isTexts(publicKeys) && publicKeys.length > 0 ? { publicKeys } : {}),
    ...(isJsonObject(annotations) ? { annotations: Object.fromEntries(Object.entries(annotations).map(asTexts)) } : {}),
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function asTexts([key, value]: [string, unknown]): [string, string] {
  return [key, String(value)];
}
