import { fn, type GoFunction, type GoMap, isGoMap, withGoType } from '@flux/gotemplate';
import { formatYaml, parseYaml } from '@flux/yaml';
import { parseNumbers } from './encoding.ts';
import { toPlain } from './json.ts';
import { noText, orElse } from './or-else.ts';
import { prettyYaml } from './pretty-yaml.ts';

const withoutLastBreak = (text: string) => text.replace(/\n$/, '');

const toYaml = (value: unknown) => withoutLastBreak(formatYaml(toPlain(value)));

/** Helm's YAML functions, and those of JSON that are not sprig's; without `must` they swallow errors, as Helm's do. */
export const helmYamlFunctions: Readonly<Record<string, GoFunction>> = {
  toYaml: fn('any', (value: unknown) => orElse(() => toYaml(value), noText)),
  mustToYaml: fn('any', toYaml),
  toYamlPretty: fn('any', (value: unknown) => orElse(() => withoutLastBreak(prettyYaml(value)), noText)),
  fromYaml: fn('string', (text: string) => readMap(() => readYaml(text), decoding)),
  fromYamlArray: fn('string', (text: string) => readList(() => readYaml(text), decoding)),
  fromJson: fn('string', (text: string) => readMap(() => parseNumbers(text), '')),
  fromJsonArray: fn('string', (text: string) => readList(() => parseNumbers(text), '')),
};

const decoding = 'error unmarshaling JSON: while decoding JSON: ';

/**
 * YAML as sigs.k8s.io/yaml reads it, with its words about what cannot be read. Templates often want but a name of a CRD, so
 * that the rest of it is not read before it is asked for.
 */
function readYaml(text: string): unknown {
  return convert(() => parseYaml(text, { largeIntegers: 'float', isLazy: true }));
}

function convert<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new TypeError(`error converting YAML to JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function readMap(read: () => unknown, prefix: string): unknown {
  return orElse<unknown>(
    () => {
      const value = read() ?? (prefix === '' ? nilMap() : {});
      if (isGoMap(value)) return value;
      throw new TypeError(
        `${prefix}json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
      );
    },
    (message) => ({ Error: message }),
  );
}

/** A map that is nil: it has no keys, and is null in JSON and YAML. */
function nilMap(): GoMap {
  return withGoType({}, { name: 'map[string]interface {}', isNil: true });
}

function readList(read: () => unknown, prefix: string): unknown {
  return orElse<unknown>(
    () => {
      const value = read() ?? [];
      if (Array.isArray(value)) return value;
      throw new TypeError(`${prefix}json: cannot unmarshal ${jsonKind(value)} into Go value of type []interface {}`);
    },
    (message) => [message],
  );
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'object' ? 'object' : typeof value;
}
