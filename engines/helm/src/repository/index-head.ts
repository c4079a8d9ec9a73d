import {
  byText,
  decodingError,
  type IndexSyntax,
  isRecord,
  readText,
  readTextMap,
  readTexts,
  readTime,
} from './entry-fields.ts';
import { IndexError } from './repository-error.ts';

/** What an index says besides its charts. */
export interface IndexHead {
  readonly serverInfo?: Readonly<Record<string, unknown>>;
  readonly apiVersion: string;
  readonly generated: string;
  readonly publicKeys?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const known = new Set(['serverInfo', 'apiVersion', 'generated', 'entries', 'publicKeys', 'annotations']);
const zeroTime = '0001-01-01T00:00:00Z';

/** Reads the top-level fields but for `entries` (SRC-HREPO-09). */
export function readIndexHead(value: unknown, syntax: IndexSyntax): IndexHead {
  const fields = value === null || value === undefined ? {} : value;
  if (!isRecord(fields)) {
    const kind = Array.isArray(fields) ? 'array' : typeof fields;
    throw decodingError(`json: cannot unmarshal ${kind} into Go value of type repo.IndexFile`, syntax);
  }
  if (syntax === 'yaml') {
    const unknown = Object.keys(fields).find((key) => !known.has(key));
    if (unknown !== undefined) throw decodingError(`json: unknown field ${JSON.stringify(unknown)}`, syntax);
  }
  const read = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined);
  const apiVersion = readText(read('apiVersion'), syntax, 'IndexFile.apiVersion');
  const generated = readTime(read('generated'), syntax, 'IndexFile.generated');
  const publicKeys = readTexts(read('publicKeys'), syntax, 'IndexFile.publicKeys');
  const annotations = readTextMap(read('annotations'), syntax, 'IndexFile.annotations');
  const serverInfo = read('serverInfo');
  if (typeof apiVersion !== 'string') throw new IndexError('no API version specified');
  return {
    ...(isRecord(serverInfo) && Object.keys(serverInfo).length > 0 ? { serverInfo: sorted(serverInfo) } : {}),
    apiVersion,
    generated: typeof generated === 'string' ? generated : zeroTime,
    ...(isTexts(publicKeys) && publicKeys.length > 0 ? { publicKeys } : {}),
    ...(isRecord(annotations) ? { annotations: Object.fromEntries(Object.entries(annotations).map(asTexts)) } : {}),
  };
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => byText(left, right)));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function asTexts([key, value]: [string, unknown]): [string, string] {
  return [key, String(value)];
}
