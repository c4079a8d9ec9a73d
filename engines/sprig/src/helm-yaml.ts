import { fn, type GoFunction, isGoMap, sortedKeys } from '@flux/gotemplate';
import { formatYaml, parseYaml } from '@flux/yaml';
import { parseNumbers } from './encoding.ts';
import { marshalJson, toPlain } from './json.ts';

const withoutLastBreak = (text: string) => text.replace(/\n$/, '');

/** A result, or what Helm gives in place of the error. */
function orElse<T>(work: () => T, fallback: (message: string) => T): T {
  try {
    return work();
  } catch (error) {
    return fallback(error instanceof Error ? error.message : String(error));
  }
}

const toYaml = (value: unknown) => withoutLastBreak(formatYaml(toPlain(value)));

/** Helm's YAML and JSON functions; those without `must` swallow errors, as Helm's do. */
export const helmYamlFunctions: Readonly<Record<string, GoFunction>> = {
  toYaml: fn('any', (value: unknown) =>
    orElse(
      () => toYaml(value),
      () => '',
    ),
  ),
  mustToYaml: fn('any', toYaml),
  toYamlPretty: fn('any', (value: unknown) =>
    orElse(
      () => withoutLastBreak(prettyYaml(toPlain(value))),
      () => '',
    ),
  ),
  fromYaml: fn('string', (text: string) => readMap(() => floats(parseYaml(text)))),
  fromYamlArray: fn('string', (text: string) => readList(() => floats(parseYaml(text)))),
  toJson: fn('any', (value: unknown) =>
    orElse(
      () => marshalJson(value),
      () => '',
    ),
  ),
  mustToJson: fn('any', (value: unknown) => marshalJson(value)),
  fromJson: fn('string', (text: string) => readMap(() => parseNumbers(text))),
  fromJsonArray: fn('string', (text: string) => readList(() => parseNumbers(text))),
};

/** Values of YAML as Helm sees them, through JSON: integers of any size are floats. */
export function floats(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(floats);
  if (!isGoMap(value)) return value;
  for (const key of Object.keys(value)) {
    Object.defineProperty(value, key, {
      value: floats(value[key]),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return value;
}

function readMap(read: () => unknown): unknown {
  return orElse<unknown>(
    () => {
      const value = read() ?? {};
      if (isGoMap(value)) return value;
      throw new TypeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`);
    },
    (message) => ({ Error: message }),
  );
}

function readList(read: () => unknown): unknown {
  return orElse<unknown>(
    () => {
      const value = read() ?? [];
      if (Array.isArray(value)) return value;
      throw new TypeError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type []interface {}`);
    },
    (message) => [message],
  );
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'object' : typeof value;
}

/** YAML as go-yaml writes it with two spaces: items of sequences are indented below their key. */
function prettyYaml(value: unknown): string {
  return isFilled(value)
    ? prettyLines(value)
        .map((line) => `${line}\n`)
        .join('')
    : formatYaml(value);
}

function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

function prettyLines(value: object): string[] {
  if (Array.isArray(value)) return value.flatMap(itemLines);
  // One key at a time in the order of the whole, which only the writer knows.
  const keys = orderOfKeys(value);
  return keys.flatMap((key) => {
    const item: unknown = Reflect.get(value, key);
    const alone = Object.defineProperty({}, key, { value: isFilled(item) ? {} : item, enumerable: true });
    const lines = withoutLastBreak(formatYaml(alone)).split('\n');
    if (!isFilled(item)) return lines;
    return [
      lines.join('\n').replace(/ \{\}$/, ''),
      ...prettyLines(item).map((line) => (line === '' ? '' : `  ${line}`)),
    ];
  });
}

function itemLines(item: unknown): string[] {
  const lines = isFilled(item)
    ? prettyLines(item)
    : withoutLastBreak(formatYaml([item]))
        .slice(2)
        .split('\n')
        .map((line) => line.replace(/^ {2}/, ''));
  return lines.map((line, index) => (index === 0 ? `- ${line}` : line === '' ? '' : `  ${line}`));
}

/** The writer's order of keys, found by writing positions. */
function orderOfKeys(value: object): string[] {
  const keys = sortedKeys(Object.fromEntries(Object.keys(value).map((key) => [key, 0])));
  const numbered: Record<string, number> = {};
  keys.forEach((key, index) => Object.defineProperty(numbered, key, { value: index, enumerable: true }));
  const positions = [...formatYaml(numbered).matchAll(/: (\d+)$/gm)].map((match) => Number(match[1]));
  return positions.length === keys.length ? positions.map((position) => keys[position] ?? '') : keys;
}
