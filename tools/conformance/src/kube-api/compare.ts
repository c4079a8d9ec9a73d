import { Bindings } from './placeholders.ts';

export interface CompareOptions {
  /** Paths that differed between two recordings, such as `steps[3].response.body.message`. */
  unstable: ReadonlySet<string>;
  bindings: Bindings;
}

/** Messages of Go's decoders, whose words need not be the same. */
const goDecoder =
  /json: cannot unmarshal|strconv\.|pkg\/runtime\/scheme\.go|json parse error|invalid character|continue key is not valid/;

/** The first difference between a recorded and an actual value, or `undefined`. */
export function difference(
  expected: unknown,
  actual: unknown,
  path: string,
  options: CompareOptions,
): string | undefined {
  if (options.unstable.has(path)) return undefined;
  if (Array.isArray(expected)) return listDifference(expected, actual, path, options);
  if (typeof expected === 'object' && expected !== null) {
    return objectDifference(expected as Record<string, unknown>, actual, path, options);
  }
  if (typeof expected === 'string') return textDifference(expected, actual, path, options);
  return expected === actual ? undefined : `${path}: want ${show(expected)}, got ${show(actual)}`;
}

function textDifference(
  expected: string,
  actual: unknown,
  path: string,
  { bindings }: CompareOptions,
): string | undefined {
  const text = typeof actual === 'number' && expected.includes('<') ? String(actual) : actual;
  if (typeof text === 'string') {
    if (bindings.match(expected, text, isLoose(path))) return undefined;
    if (path.endsWith('.message') && sameParts(expected, text, bindings)) return undefined;
    if (path.endsWith('.message') && goDecoder.test(expected)) return undefined;
  }
  return `${path}: want ${show(expected)}, got ${show(actual)}`;
}

/** Versions of lists and bookmarks depend on all traffic. */
function isLoose(path: string): boolean {
  return /(?:body|#list)\.metadata\.resourceVersion$/.test(path);
}

function sameParts(expected: string, actual: string, bindings: Bindings): boolean {
  const parts = (text: string) =>
    text
      .replace(/^(.*? is invalid: )\[?|\]$/g, '$1, ')
      .split(', ')
      .sort();
  return bindings.match(parts(expected).join('\n'), parts(actual).join('\n'));
}

function listDifference(
  expected: unknown[],
  actual: unknown,
  path: string,
  options: CompareOptions,
): string | undefined {
  if (!Array.isArray(actual)) return `${path}: want a list, got ${show(actual)}`;
  const [want, got] = arranged(expected, actual, path, options);
  if (want.length !== got.length)
    return `${path}: want ${want.length} items ${show(want)}, got ${got.length} ${show(got)}`;
  for (const [index, item] of want.entries()) {
    const found = difference(item, got[index], `${path}[${index}]`, options);
    if (found) return found;
  }
  return undefined;
}

/** Orders that depend on clocks or Go's maps are made the same. */
function arranged(
  expected: unknown[],
  actual: unknown[],
  path: string,
  options: CompareOptions,
): [unknown[], unknown[]] {
  if (path.endsWith('.managedFields')) return [sortBy(expected, managerKey), sortBy(actual, managerKey)];
  if (path.endsWith('.causes')) return [expected, byIdentity(expected, actual, path, options)];
  if (isSortedByRandomNames(expected)) return [expected, byIdentity(expected, actual, path, options)];
  return [expected, actual];
}

/** Lists are sorted by name, and the random part of a name decides who comes first. */
function isSortedByRandomNames(list: readonly unknown[]): boolean {
  return list.length > 1 && namesOf(list).some((name) => typeof name === 'string' && /<(?:gen|hash)/.test(name));
}

/** Finds for each recorded item the one that fits it with all that is bound so far; leaves the order when none does. */
function byIdentity(expected: unknown[], actual: unknown[], path: string, options: CompareOptions): unknown[] {
  const search = (index: number, rest: readonly unknown[], bindings: Bindings): unknown[] | undefined => {
    if (index === expected.length) return rest.length === 0 ? [] : undefined;
    for (const [position, item] of rest.entries()) {
      const trial = new Bindings(bindings);
      const at = `${path}[${index}]`;
      if (difference(expected[index], item, at, { ...options, bindings: trial }) !== undefined) continue;
      const others = search(index + 1, rest.toSpliced(position, 1), trial);
      if (others !== undefined) return [item, ...others];
    }
    return undefined;
  };
  return search(0, actual, options.bindings) ?? actual;
}

function sortBy(list: unknown[], key: (item: unknown) => string): unknown[] {
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function managerKey(entry: unknown): string {
  const { operation, manager, apiVersion, subresource } = (entry ?? {}) as Record<string, unknown>;
  return [operation, manager, apiVersion, subresource].join(' ');
}

function objectDifference(
  expected: Record<string, unknown>,
  actual: unknown,
  path: string,
  options: CompareOptions,
): string | undefined {
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) {
    return `${path}: want an object, got ${show(actual)}`;
  }
  const rest = new Map(Object.entries(actual));
  const isList = /List$|^Table$/.test(String(expected['kind'])) && expected['metadata'] !== undefined;
  const isBookmark = expected['type'] === 'BOOKMARK';
  for (const [key, value] of Object.entries(expected)) {
    const name = key.includes('<') ? findKey(key, rest, options.bindings) : key;
    const at = `${path}.${key}`;
    if (name === undefined || !rest.has(name)) {
      if (options.unstable.has(at)) continue;
      return `${at}: missing, want ${show(value)}`;
    }
    const found = difference(
      value,
      rest.get(name),
      isBookmark ? `${path}#list` : isList && key === 'metadata' ? `${path}#list.metadata` : at,
      options,
    );
    rest.delete(name);
    if (found) return found;
  }
  for (const [key, value] of rest) {
    if (value !== undefined && !options.unstable.has(`${path}.${key}`))
      return `${path}.${key}: unexpected ${show(value)}`;
  }
  return undefined;
}

function findKey(key: string, candidates: ReadonlyMap<string, unknown>, bindings: Bindings): string | undefined {
  for (const name of candidates.keys()) if (bindings.match(key, name)) return name;
  return undefined;
}

/** Is everything that was kept of the answer there? `names` stands for the names of the items. */
export function subsetDifference(
  expected: unknown,
  actual: unknown,
  path: string,
  options: CompareOptions,
): string | undefined {
  if (!isObject(expected) || !isObject(actual)) return difference(expected, actual, path, options);
  const isList = /List$|^Table$/.test(String(actual['kind']));
  for (const [key, value] of Object.entries(expected)) {
    const at = isList && key === 'metadata' ? `${path}#list.metadata` : `${path}.${key}`;
    if (key === 'keys' || key === 'paths' || key === 'schemaCount') continue;
    if (key === 'names') {
      const found = difference(value, namesOf(actual['items']), at, options);
      if (found) return found;
    } else if (['items', 'groups'].includes(key) && Array.isArray(value)) {
      const found = itemsDifference(value, actual[key], at, options);
      if (found) return found;
    } else {
      const found = subsetDifference(value, actual[key], at, options);
      if (found) return found;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Named {
  name?: string;
  metadata?: { name?: string };
  /** Rows of tables begin with the name. */
  cells?: unknown[];
}

function namesOf(items: unknown): unknown[] {
  if (!Array.isArray(items)) return [];
  return items.map((item: Named | null) => item?.metadata?.name ?? item?.name ?? item?.cells?.[0]);
}

/** Kept items are `[name, data]` pairs, or chosen objects that are looked for by name. */
function itemsDifference(
  expected: unknown[],
  actual: unknown,
  path: string,
  options: CompareOptions,
): string | undefined {
  const items: unknown[] = Array.isArray(actual) ? actual : [];
  if (expected.every((item) => Array.isArray(item))) {
    const pairs = items.map((item) => [namesOf([item])[0], (item as { data?: unknown }).data ?? null]);
    return difference(expected, pairs, path, options);
  }
  for (const [index, item] of expected.entries()) {
    const name = namesOf([item])[0];
    const found = subsetDifference(
      item,
      items.find((other) => namesOf([other])[0] === name),
      `${path}[${index}]`,
      options,
    );
    if (found) return found;
  }
  return undefined;
}

export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
