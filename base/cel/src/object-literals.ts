import type { Environment } from '@marcbachmann/cel-js';
import { CelError, compileError } from './cel-error.ts';

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
    return new CelJsonPatch(name, fieldsOf(given));
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

/** An object stands where its type's name does not fit. */
export class CelTypeNameError extends CelError {}

/** Refuses an object in a place that its type's name does not fit, as in `Object{spec: Object.status{}}`. */
export function checkTypeNames(value: unknown, expected: string): void {
  if (value instanceof CelObject) {
    if (value.typeName !== expected) {
      throw new CelTypeNameError(
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
  /** The only fields that there are. */
  readonly fields?: ReadonlySet<string>;
}

const token =
  /[rbRB]?(?:"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|[A-Za-z_]\w*|./gsy;
const typeName = /(?:Object(?:\s*\.\s*[A-Za-z_]\w*)*|JSONPatch)\s*(?=\{)/y;
const fieldName = /\s*(\??)\s*(?:([A-Za-z_]\w*)|`([^`\n]+)`)\s*:/y;

/** A text that was rewritten, and how its places are found in the original. */
export interface Rewritten {
  readonly text: string;
  original(place: number): number;
}

/** Writes message literals, which the library does not know, as calls: `Object.a{b: 1}` is `celObject__("Object.a", {"b": 1})`. */
export function callObjectConstructors(expression: string): Rewritten {
  if (!/\b(?:Object|JSONPatch)\b/.test(expression)) return { text: expression, original: (place) => place };
  return new Rewriter(expression).rewrite();
}

class Rewriter {
  readonly #expression: string;
  readonly #open: Bracket[] = [];
  /** Where pieces begin, in the new text and in the original. */
  readonly #places: [place: number, original: number][] = [];
  #text = '';
  #at = 0;

  constructor(expression: string) {
    this.#expression = expression;
  }

  rewrite(): Rewritten {
    let previous = '';
    while (this.#at < this.#expression.length) {
      const [type] = (previous !== '.' && this.#match(typeName)) || [];
      const [part = ''] = this.#match(token) ?? [];
      if (type) this.#begin(type.replaceAll(/\s/g, ''));
      else this.#copy(part);
      if (part.trim() !== '') previous = part;
    }
    const places = this.#places;
    const original = (place: number) => {
      const [start, from] = places.findLast(([begin]) => begin <= place) ?? [0, 0];
      return from + place - start;
    };
    return { text: this.#text, original };
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#expression);
    if (!found) return null;
    this.#places.push([this.#text.length, this.#at]);
    this.#at = pattern.lastIndex;
    return found;
  }

  #begin(name: string): void {
    const isPatch = name === 'JSONPatch';
    const call = isPatch ? constructors.JSONPatch : constructors.Object;
    this.#text += `${call}(${JSON.stringify(name)}, {`;
    this.#open.push({ close: '})', isObject: true, ...(isPatch ? { fields: patchFields } : {}) });
    this.#field();
  }

  #copy(part: string): void {
    const open = this.#open;
    if ('([{'.includes(part)) open.push({ close: part === '(' ? ')' : part === '[' ? ']' : '}', isObject: false });
    this.#text += ')]}'.includes(part) ? (open.pop()?.close ?? part) : part;
    if (part === ',') this.#field();
  }

  /** A name before a colon is a field where one begins; anywhere else it is a variable. */
  #field(): void {
    const top = this.#open.at(-1);
    if (!top?.isObject) return;
    const start = this.#at;
    const [, optional = '', plain, quoted] = this.#match(fieldName) ?? [];
    const name = plain ?? quoted;
    if (name === undefined) return;
    if (top.fields && !top.fields.has(name)) {
      const at = start + this.#expression.slice(start).indexOf(name);
      throw compileError(this.#expression, { message: `undefined field '${name}'`, range: { start: at } });
    }
    this.#text += `${JSON.stringify(`${optional}${name}`)}: `;
  }
}
