import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { BuildError } from '../errors.ts';
import { fieldOf, isObject, nodeKind, setField } from '../json.ts';
import { wrongKind } from '../wrong-kind.ts';
import type { Schema } from './builtin-schema.ts';
import { mergeLists } from './merge-list.ts';
import { isMissing, keptNull, type MergeContext, type Merged, type Node, type Spelling } from './node.ts';
import type { SchemaSet } from './schema.ts';

const directiveKey = '$patch';
type Directive = 'merge' | 'replace' | 'delete';

/**
 * Merges `patch` into `target` as kyaml's merge2 walks them, side by side and both changed in place; undefined when the
 * patch deletes the target.
 */
export function strategicMerge(target: JsonObject, patch: JsonObject, context: MergeContext): JsonObject | undefined {
  const merged = walk(target, patch, undefined, context);
  return isObject(merged) ? merged : undefined;
}

function walk(target: Node, patch: Node, known: Schema | undefined, context: MergeContext): Merged {
  const schema = known ?? schemaOf(target, context.schemas) ?? schemaOf(patch, context.schemas);
  const lead = isMissing(target) ? patch : target;
  if (isMissing(lead)) return walkMap(target, patch, schema, context);
  const kind = nodeKind(lead);
  if (!isMissing(patch) && nodeKind(patch) !== kind) {
    throw wrongKind(kind, patch);
  }
  if (kind === 'MappingNode') return walkMap(target, patch, schema, context);
  if (kind === 'ScalarNode') return patch === undefined ? target : patch;
  if (schema?.mergeKeys === undefined) return patch === undefined ? target : patch;
  return walkList(target, patch, schema, context);
}

function schemaOf(node: Node, schemas: SchemaSet): Schema | undefined {
  if (!isObject(node)) return undefined;
  const { apiVersion, kind } = node;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  return schemas.lookup(apiVersion, kind);
}

function walkMap(target: Node, patch: Node, schema: Schema | undefined, context: MergeContext): Merged {
  const result = chooseMap(target, patch);
  if (!isObject(result)) return result;
  const fields = new Set(Object.keys(result));
  if (isObject(patch)) for (const key of Object.keys(patch)) fields.add(key);
  for (const key of [...fields].sort()) {
    const change = isObject(patch) ? fieldOf(patch, key) : undefined;
    const current = fieldOf(result, key);
    const value = walk(current, change, schema?.field(key), context);
    if (value === keptNull && context.spelling.writesNull(key)) setField(result, key, null);
    else if (value === keptNull || isMissing(value)) delete result[key];
    else setField(result, key, inStyleOf(current, value, key, context.spelling));
  }
  return result;
}

/** A number or flag that takes the place of a quoted text is one itself. */
function inStyleOf(current: Node, value: JsonValue, key: string, spelling: Spelling): JsonValue {
  if (typeof current !== 'string' || typeof value === 'string' || typeof value === 'object') return value;
  return spelling.isQuoted(key, current) ? String(value) : value;
}

/** The map that the walk continues in: the target's, the patch's, or none. */
function chooseMap(target: Node, patch: Node): Merged {
  if (isMissing(target)) {
    if (isObject(patch) && takeDirective(patch) === 'delete') return undefined;
    return patch === undefined && target === null ? keptNull : patch;
  }
  if (patch === null) return undefined;
  const directive = isObject(patch) ? takeDirective(patch) : 'merge';
  if (directive === 'delete') return undefined;
  return directive === 'replace' ? patch : target;
}

function takeDirective(patch: JsonObject): Directive {
  const value = fieldOf(patch, directiveKey);
  if (value === undefined) return 'merge';
  const directive = parseDirective(value);
  delete patch[directiveKey];
  return directive;
}

function parseDirective(value: JsonValue): Directive {
  if (value === 'merge' || value === 'replace' || value === 'delete') return value;
  throw new BuildError(`unknown patch strategy '${value === null ? 'null' : String(value)}'`);
}

function walkList(target: Node, patch: Node, schema: Schema, context: MergeContext): Merged {
  const result = chooseList(target, patch);
  if (!Array.isArray(result)) return result;
  return mergeLists(result, Array.isArray(patch) ? patch : undefined, { schema, context, walk });
}

function chooseList(target: Node, patch: Node): Node {
  if (isMissing(target)) return patch;
  if (patch === null) return undefined;
  const directive = Array.isArray(patch) ? takeListDirective(patch) : 'merge';
  if (directive === 'delete') return undefined;
  return directive === 'replace' ? patch : target;
}

/** A list item that holds nothing but `$patch` directs the whole list. */
function takeListDirective(patch: JsonValue[]): Directive {
  const item = patch.find((entry) => isObject(entry) && fieldOf(entry, directiveKey) !== undefined);
  if (!isObject(item) || Object.keys(item).length > 1) return 'merge';
  const directive = parseDirective(fieldOf(item, directiveKey) ?? null);
  const kept = patch.filter((entry) => {
    if (isMissing(entry) || (isObject(entry) && Object.keys(entry).length === 0)) return false;
    return !isObject(entry) || fieldOf(entry, directiveKey) !== directive;
  });
  patch.splice(0, patch.length, ...kept);
  return directive;
}
