import { bytesOf, GoInt, GoStruct, isGoMap, setKey, Walk } from '@flux/gotemplate';
import { formatYamlV3, PlainText } from '@flux/yaml';
import { GoTime } from './go-time.ts';

/** What go-yaml v3 makes of a value of templates; unlike `toYaml` this does not go through JSON. */
export function prettyYaml(value: unknown): string {
  return formatYamlV3(toV3(value, new Walk('written as YAML'), 0));
}

function toV3(value: unknown, walk: Walk, depth: number): unknown {
  walk.visit(depth);
  if (typeof value === 'string') return value.isWellFormed() ? value : binary(value);
  if (value instanceof GoInt) return value.text === undefined ? value.value : value.text();
  if (value instanceof GoTime) return new PlainText(String(value.json?.()));
  if (value instanceof Uint8Array) return [...value].map(BigInt);
  if (Array.isArray(value)) return value.map((item) => toV3(item, walk, depth + 1));
  if (value instanceof GoStruct) {
    const fields = [...value.fields].filter(([name]) => /^\p{Lu}/u.test(name));
    return mapOf(
      fields.map(([name, field]) => [name.toLowerCase(), field]),
      walk,
      depth,
    );
  }
  return isGoMap(value) ? mapOf(Object.entries(value), walk, depth) : (value ?? null);
}

function mapOf(entries: readonly (readonly [string, unknown])[], walk: Walk, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const [key, item] of entries) setKey(map, key, toV3(item, walk, depth + 1));
  return map;
}

function binary(text: string): PlainText {
  return new PlainText(`!!binary ${bytesOf(text).toString('base64')}`);
}
