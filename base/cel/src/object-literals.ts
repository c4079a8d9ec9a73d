import type { Environment } from '@marcbachmann/cel-js';
import { CelError } from './cel-error.ts';

/** What `Object.spec{replicas: 1}` or `JSONPatch{op: "add"}` makes: fields under the name of a type. */
export class CelObject {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, unknown>;

  constructor(typeName: string, fields: ReadonlyMap<string, unknown>) {
    this.typeName = typeName;
    this.fields = fields;
  }
}

/** An operation of a JSON patch. */
class CelJsonPatch extends CelObject {}

class JsonPatchFunctions {}

const constructors = { Object: 'celObject__', JSONPatch: 'celPatch__' } as const;
const patchFields = new Set(['op', 'path', 'from', 'value']);

/** The types of mutation expressions, and `jsonpatch.escapeKey`. */
export function registerObjectLiterals(environment: Environment): void {
  environment.registerType('Object', CelObject);
  environment.registerType('JSONPatch', CelJsonPatch);
  environment.registerFunction(
    `${constructors.Object}(string, map): Object`,
    (name: string, fields: unknown) => new CelObject(name, fieldsOf(fields)),
  );
  environment.registerFunction(`${constructors.JSONPatch}(string, map): JSONPatch`, (name: string, given: unknown) => {
    const fields = fieldsOf(given);
    for (const field of fields.keys()) {
      if (!patchFields.has(field)) throw new CelError(`unexpected JSONPatchType field: ${field}`);
    }
    return new CelJsonPatch(name, fields);
  });
  environment.registerType('JsonPatchFunctions', JsonPatchFunctions);
  environment.registerConstant('jsonpatch', 'JsonPatchFunctions', new JsonPatchFunctions());
  environment.registerFunction('JsonPatchFunctions.escapeKey(string): string', (_: unknown, key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  );
}

interface Optional {
  hasValue(): boolean;
  value(): unknown;
}

/** A field written `?name: optional` is there when its value is. */
function fieldsOf(map: unknown): Map<string, unknown> {
  const entries = map instanceof Map ? [...map] : Object.entries(map as object);
  const fields = new Map<string, unknown>();
  for (const [name, value] of entries as [string, unknown][]) {
    if (!name.startsWith('?')) fields.set(name, value);
    else if ((value as Optional).hasValue()) fields.set(name.slice(1), (value as Optional).value());
  }
  return fields;
}

/** Refuses an object in a place that its type's name does not fit, as in `Object{spec: Object.status{}}`. */
export function checkTypeNames(value: unknown, expected: string): void {
  if (value instanceof CelObject) {
    if (value.typeName !== expected) {
      throw new CelError(
        `type mismatch: unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
      );
    }
    for (const [name, field] of value.fields) checkTypeNames(field, `${expected}.${name}`);
  } else if (Array.isArray(value)) for (const item of value) checkTypeNames(item, expected);
  else if (value instanceof Map) for (const item of value.values()) checkTypeNames(item, expected);
}

interface Bracket {
  readonly close: string;
  readonly isObject: boolean;
}

const token =
  /[rbRB]?(?:"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|[A-Za-z_]\w*|./gsy;
const typeName = /(?:Object(?:\s*\.\s*[A-Za-z_]\w*)*|JSONPatch)\s*(?=\{)/y;
const fieldName = /\s*(\??)\s*(?:([A-Za-z_]\w*)|`([^`\n]+)`)\s*:/y;

/** Writes message literals, which the library does not know, as calls: `Object.a{b: 1}` is `celObject__("Object.a", {"b": 1})`. */
export function callObjectConstructors(expression: string): string {
  if (!/\b(?:Object|JSONPatch)\b/.test(expression)) return expression;
  const open: Bracket[] = [];
  let text = '';
  let at = 0;
  let previous = '';
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(expression);
    if (found) at = pattern.lastIndex;
    return found;
  };
  while (at < expression.length) {
    const type = previous === '.' ? null : take(typeName);
    if (type) {
      const name = type[0].replaceAll(/\s/g, '');
      const call = name === 'JSONPatch' ? constructors.JSONPatch : constructors.Object;
      at += 1;
      open.push({ close: '})', isObject: true });
      text += `${call}(${JSON.stringify(name)}, {${fieldOf(take(fieldName))}`;
      previous = '{';
      continue;
    }
    const [part = ''] = take(token) ?? [];
    if ('([{'.includes(part)) open.push({ close: part === '(' ? ')' : part === '[' ? ']' : '}', isObject: false });
    text += ')]}'.includes(part) ? (open.pop()?.close ?? part) : part;
    if (part === ',' && open.at(-1)?.isObject) text += fieldOf(take(fieldName));
    if (part.trim() !== '') previous = part;
  }
  return text;
}

function fieldOf(match: RegExpExecArray | null): string {
  return match === null ? '' : `${JSON.stringify(`${match[1]}${match[2] ?? match[3]}`)}: `;
}
