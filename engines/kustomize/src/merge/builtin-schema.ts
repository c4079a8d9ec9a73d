import { mergeFields, mergeRoots } from './merge-keys.table.ts';

/** What strategic merge must know of a type: its fields, and whether a list merges by key. */
export interface Schema {
  field(name: string): Schema | undefined;
  readonly items: Schema | undefined;
  /** Keys of a merged list; an empty list means a set of scalars; undefined means the patch's list replaces. */
  readonly mergeKeys: readonly string[] | undefined;
}

const builtinTypes = new Map<string, Schema>();
/** A type in which nothing is merged by key. */
export const opaque: Schema = { field: () => undefined, items: undefined, mergeKeys: undefined };

/** A built-in type by its short name; one that leads to no merged list is opaque. */
function builtinType(name: string): Schema {
  if (name === '') return opaque;
  const known = builtinTypes.get(name);
  if (known !== undefined) return known;
  const fields = Object.hasOwn(mergeFields, name) ? mergeFields[name] : undefined;
  const parsed = new Map<string, Schema>();
  const schema: Schema = {
    field(field) {
      const done = parsed.get(field);
      if (done !== undefined || fields === undefined || !Object.hasOwn(fields, field)) return done;
      const made = parseField(fields[field] ?? '');
      parsed.set(field, made);
      return made;
    },
    items: undefined,
    mergeKeys: undefined,
  };
  builtinTypes.set(name, schema);
  return schema;
}

function parseField(text: string): Schema {
  const match = /^(\[\]|\{\})?([^ ]*)(?: merge\((.*)\))?$/.exec(text);
  const [, shape, type = '', keys] = match ?? [];
  if (shape === undefined) return builtinType(type);
  const inner = builtinType(type);
  if (shape === '{}') return { field: () => inner, items: undefined, mergeKeys: undefined };
  const mergeKeys = keys === undefined ? undefined : keys === '' ? [] : keys.split(',');
  return { field: () => undefined, items: inner, mergeKeys };
}

/** The built-in type of a kind, if kustomize knows the kind and lists are merged in it. */
export function builtinRoot(apiVersion: string, kind: string): Schema | undefined {
  const id = `${apiVersion}/${kind}`;
  return Object.hasOwn(mergeRoots, id) ? builtinType(mergeRoots[id] ?? '') : undefined;
}

const packages =
  /^io\.k8s\.(?:api|apimachinery\.pkg\.apis|kube-aggregator\.pkg\.apis|apiextensions-apiserver\.pkg\.apis)\./;

/** A built-in type by the name of its OpenAPI definition. */
export function builtinDefinition(name: string): Schema | undefined {
  const short = name.replace(packages, '');
  return Object.hasOwn(mergeFields, short) ? builtinType(short) : undefined;
}
