import type { Environment } from '@marcbachmann/cel-js';
import { CelError } from './cel-error.ts';
import { loweredFunctions } from './lower.ts';
import { type Optional, present } from './optionals.ts';

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

/** The types of mutation expressions, and `jsonpatch.escapeKey`. */
export function registerObjectLiterals(environment: Environment): void {
  environment.registerType('Object', CelObject);
  environment.registerType('JSONPatch', CelJsonPatch);
  environment.registerFunction(
    `${loweredFunctions.object}(string, map): Object`,
    (name: string, fields: unknown) => new CelObject(name, fieldsOf(fields)),
  );
  environment.registerFunction(`${loweredFunctions.patch}(string, map): JSONPatch`, (name: string, given: unknown) => {
    return new CelJsonPatch(name, fieldsOf(given));
  });
  environment.registerType('JsonPatchFunctions', JsonPatchFunctions);
  environment.registerConstant('jsonpatch', 'JsonPatchFunctions', new JsonPatchFunctions());
  environment.registerFunction('JsonPatchFunctions.escapeKey(string): string', (_: unknown, key: string) =>
    key.replaceAll('~', '~0').replaceAll('/', '~1'),
  );
}

/** A field written `?name: optional` is there when its value is. */
function fieldsOf(map: unknown): Map<string, unknown> {
  const entries = map instanceof Map ? [...map] : Object.entries(map as object);
  const fields = new Map<string, unknown>();
  for (const [name, value] of entries as [string, unknown][]) {
    if (!name.startsWith('?')) fields.set(name, value);
    else for (const item of present(value as Optional)) fields.set(name.slice(1), item);
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
