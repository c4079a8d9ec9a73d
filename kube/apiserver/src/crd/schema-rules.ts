import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const listTypes = ['atomic', 'set', 'map'];
const mapTypes = ['atomic', 'granular'];

/** An error of a schema, and what it says of the others. */
export interface SchemaError extends FieldError {
  /**
   * `no-structure`: the schema cannot be read as one. `no-type`: a type is missing, which is only asked of structures.
   * `local`: it is a structure all the same, so that rules elsewhere are compiled.
   */
  readonly effect?: 'no-structure' | 'no-type' | 'local';
  /** The schema that it was found in. */
  readonly within?: string;
}

/** Errors that leave the schema at a path a structure. */
export function local(within: string, errors: readonly FieldError[]): SchemaError[] {
  return errors.map((error) => ({ ...error, effect: 'local', within }));
}

/** What one schema of a CRD may not say, whatever is above and below it. */
export function validateSchemaMembers(schema: Fields, path: string): SchemaError[] {
  return [
    ...unsupportedMembers(schema, path),
    ...validateType(schema, path),
    ...local(path, [...validateListType(schema, path), ...validateMapType(schema, path)]),
    ...validateEmbedded(schema, path),
  ];
}

const unsupported = ['$ref', 'additionalItems', 'definitions', 'dependencies', 'id', 'patternProperties'];

function unsupportedMembers(schema: Fields, path: string): SchemaError[] {
  const errors: SchemaError[] = unsupported
    .filter((name) => schema[name] !== undefined && schema[name] !== null && schema[name] !== '')
    .map((name) => unreadable(forbiddenField(`${path}.${name}`, `${name} is not supported`)));
  if (schema['uniqueItems'] === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(unreadable(forbiddenField(`${path}.uniqueItems`, why)));
  }
  if (Array.isArray(schema['items'])) {
    errors.push(unreadable(forbiddenField(`${path}.items`, 'items must be a schema object and not an array')));
  }
  if (typeof schema['additionalProperties'] === 'object' && Object.keys(schema['properties'] ?? {}).length > 0) {
    const why = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbiddenField(`${path}.additionalProperties`, why));
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const at = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(unreadable(invalidField(at, false, 'must be true or undefined')));
  }
  return errors;
}

function unreadable(error: FieldError): SchemaError {
  return { ...error, effect: 'no-structure' };
}

function validateType({ type }: Fields, path: string): FieldError[] {
  return type === undefined || type === '' || types.includes(type)
    ? []
    : [unsupportedField(`${path}.type`, type, types)];
}

function validateListType(schema: Fields, path: string): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  const keys = list(schema['x-kubernetes-list-map-keys']) as unknown as string[];
  const errors: FieldError[] = [];
  if (kind !== undefined && !listTypes.includes(kind)) {
    errors.push(unsupportedField(`${path}.x-kubernetes-list-type`, kind, listTypes));
  }
  if (kind !== undefined && schema['type'] !== 'array') {
    const why = 'must be array if x-kubernetes-list-type is specified';
    errors.push(
      schema['type'] ? invalidField(`${path}.type`, schema['type'], why) : requiredField(`${path}.type`, why),
    );
  }
  const items: Fields | undefined = schema['items'];
  if (kind === 'set' && items?.['type'] === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
    errors.push(invalidField(`${path}.items.x-kubernetes-map-type`, items['x-kubernetes-map-type'] ?? null, why));
  }
  if (kind !== 'map' && keys.length > 0) {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = `${path}.x-kubernetes-list-type`;
    errors.push(kind === undefined ? requiredField(at, why) : invalidField(at, kind, why));
  }
  return kind === 'map' && items ? [...errors, ...validateMapItems(items, keys, path)] : errors;
}

function validateMapItems(items: Fields, keys: readonly string[], path: string): FieldError[] {
  if (items['type'] !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [invalidField(`${path}.items.type`, items['type'] ?? '', why)];
  }
  const at = `${path}.x-kubernetes-list-map-keys`;
  const errors: FieldError[] = [];
  for (const [index, key] of keys.entries()) {
    const property: Fields | undefined = items['properties']?.[key];
    if (!property) errors.push(invalidField(at, keys, 'entries must all be names of item properties'));
    else if (property['type'] === 'array' || property['type'] === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalidField(`${path}.items.properties[${key}].type`, items['type'], why));
    }
    if (keys.indexOf(key) < index) errors.push(invalidField(at, keys, 'must not contain duplicate entries'));
  }
  return errors;
}

function validateMapType(schema: Fields, path: string): FieldError[] {
  const kind = schema['x-kubernetes-map-type'];
  if (kind === undefined) return [];
  const errors = mapTypes.includes(kind) ? [] : [unsupportedField(`${path}.x-kubernetes-map-type`, kind, mapTypes)];
  if (schema['type'] !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified';
    errors.push(invalidField(`${path}.type`, schema['type'] ?? '', why));
  }
  return errors;
}

function validateEmbedded(schema: Fields, path: string): FieldError[] {
  if (schema['x-kubernetes-embedded-resource'] !== true) return [];
  const errors: FieldError[] = [];
  if (!schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(schema['properties'] ?? {}).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(requiredField(`${path}.properties`, why));
  }
  if (schema['type'] === 'object') return errors;
  const why = 'must be object if x-kubernetes-embedded-resource is true';
  return [...errors, invalidField(`${path}.type`, schema['type'] ?? '', why)];
}

/** What belongs to the structure of a value and not to conditions on it. */
const structuralMembers = ['type', 'title', 'description', 'default', 'nullable'];

/** Parts of `allOf`, `anyOf`, `oneOf` and `not` only restrict what the schema around them declares. */
export function validateJunctors(schema: Fields, path: string): FieldError[] {
  const isEither = schema['x-kubernetes-int-or-string'] === true;
  const parts = ['allOf', 'anyOf', 'oneOf'].flatMap((name) =>
    list(schema[name]).map((part, index): [Fields, string] => [part, `${path}.${name}[${index}]`]),
  );
  if (schema['not']) parts.push([schema['not'], `${path}.not`]);
  return parts.flatMap(([part, at]) => restrictionProblems(part, at, isEither));
}

function restrictionProblems(schema: Fields, path: string, isEither: boolean): FieldError[] {
  const errors = structuralMembers
    .filter((name) => schema[name] !== undefined && !(isEither && name === 'type'))
    .map((name) => forbiddenField(`${path}.${name}`, 'must be empty to be structural'));
  for (const [name, property] of Object.entries<Fields>(schema['properties'] ?? {})) {
    errors.push(...restrictionProblems(property, `${path}.properties[${name}]`, false));
  }
  if (schema['items'] && !Array.isArray(schema['items'])) {
    errors.push(...restrictionProblems(schema['items'], `${path}.items`, false));
  }
  for (const name of ['allOf', 'anyOf', 'oneOf']) {
    for (const [index, part] of list(schema[name]).entries()) {
      errors.push(...restrictionProblems(part, `${path}.${name}[${index}]`, isEither));
    }
  }
  return schema['not'] ? [...errors, ...restrictionProblems(schema['not'], `${path}.not`, false)] : errors;
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What a validation rule says beside its expressions. */
export function validateRuleMembers(rule: Fields, schema: Fields, path: string): FieldError[] {
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
  const errors: FieldError[] = [];
  const hasBreaks = (text: string) => /[\n\r]/.test(text);
  if (message && !message.trim()) {
    errors.push(invalidField(`${path}.message`, message, 'must be non-empty if specified'));
  } else if (hasBreaks(message.trim())) {
    errors.push(invalidField(`${path}.message`, message, 'must not contain line breaks'));
  } else if (hasBreaks(String(rule['rule'] ?? '').trim()) && !message.trim()) {
    errors.push(requiredField(`${path}.message`, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression && !messageExpression.trim()) {
    errors.push(requiredField(`${path}.messageExpression`, 'messageExpression must be non-empty if specified'));
  }
  if (reason && !reasons.includes(reason)) errors.push(unsupportedField(`${path}.reason`, reason, reasons));
  if (fieldPath && !leadsSomewhere(fieldPath, schema)) {
    errors.push(invalidField(`${path}.fieldPath`, fieldPath, 'must be a valid path'));
  }
  return errors;
}

/** `.a['b'].c` names members that the schema declares. */
function leadsSomewhere(path: string, schema: Fields): boolean {
  let rest = path;
  let at: Fields | undefined = schema;
  while (rest !== '' && at !== undefined) {
    const step: RegExpExecArray | null = /^(?:\.([^.[\]]+)|\['((?:\\.|[^'\\])*)'\])/.exec(rest);
    if (!step) return false;
    const name = step[1] ?? (step[2] ?? '').replace(/\\(.)/g, '$1');
    const values: unknown = at['additionalProperties'];
    at = at['properties']?.[name] ?? (typeof values === 'object' && values !== null ? (values as Fields) : undefined);
    rest = rest.slice(step[0].length);
  }
  return at !== undefined;
}
