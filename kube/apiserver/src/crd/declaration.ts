import { escapeProperty } from '@flux/apimachinery';
import type { CelDeclaration, CelKind } from '@flux/cel';
import { type Fields, list } from '../strategies/fields.ts';

/** A schema as rules see it, and the fewest bytes that a value of it takes. */
export interface Declared {
  readonly declaration: CelDeclaration;
  readonly minSize: number;
  readonly fields?: ReadonlyMap<string, Declared>;
  readonly element?: Declared;
}

/** No request is larger, so nothing in it is. */
export const maxRequestBytes = 3 * 1024 * 1024;

const metadata: Fields = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};

/** What a schema declares to CEL, with the sizes that its limits allow; `undefined` where rules may not look. */
export function declare(schema: Fields, isRoot: boolean): Declared | undefined {
  if (schema['x-kubernetes-int-or-string']) {
    return { declaration: { kind: 'dyn', maxElements: textLength(schema) }, minSize: 1 };
  }
  switch (schema['type']) {
    case 'array':
      return declareList(schema);
    case 'object':
      return isRoot ? declareObject(withTypeMeta(schema)) : declareObject(schema);
    case 'string':
      return declareText(schema);
    case 'boolean':
      return scalar('bool', 4);
    case 'number':
      return scalar('double', 1);
    case 'integer':
      return scalar('int', 1);
    default:
      return undefined;
  }
}

function scalar(kind: CelKind, minSize: number, maxElements = 0): Declared {
  return { declaration: { kind, maxElements }, minSize };
}

function child(schema: Fields): Declared | undefined {
  return declare(schema, schema['x-kubernetes-embedded-resource'] === true);
}

function withTypeMeta(schema: Fields): Fields {
  const text = { type: 'string' };
  const properties = { ...schema['properties'], kind: text, apiVersion: text, metadata };
  return { ...schema, properties };
}

function declareList({ items, maxItems }: Fields): Declared | undefined {
  const element = items ? child(items) : undefined;
  if (!element) return undefined;
  const fitting = Math.floor((maxRequestBytes - 2) / (element.minSize + 1));
  const declaration: CelDeclaration = {
    kind: 'list',
    maxElements: maxItems === undefined ? fitting : Math.max(0, maxItems),
    element: element.declaration,
  };
  return { declaration, minSize: 2, element };
}

function declareObject(schema: Fields): Declared | undefined {
  const { additionalProperties, maxProperties } = schema;
  if (typeof additionalProperties !== 'object' || additionalProperties === null) return declareMembers(schema);
  const element = child(additionalProperties);
  if (!element) return undefined;
  const fitting = Math.floor((maxRequestBytes - 2) / (element.minSize + 6));
  const declaration: CelDeclaration = {
    kind: 'map',
    maxElements: maxProperties === undefined ? fitting : Math.max(0, maxProperties),
    element: element.declaration,
  };
  return { declaration, minSize: 2, element };
}

function declareMembers({ properties = {}, required }: Fields): Declared {
  const fields = new Map<string, Declared>();
  const members = new Map<string, CelDeclaration>();
  const needed = new Set(list(required) as unknown as string[]);
  let minSize = 2;
  for (const [name, property] of Object.entries<Fields>(properties)) {
    const declared = child(property);
    if (!declared) continue;
    fields.set(name, declared);
    const escaped = escapeProperty(name);
    if (escaped !== undefined) members.set(escaped, declared.declaration);
    if (needed.has(name) && property['default'] === undefined) minSize += name.length + declared.minSize + 4;
  }
  return { declaration: { kind: 'object', maxElements: 0, fields: members }, minSize, fields };
}

const dateLength = 12;
const timeLength = 32;

function declareText(schema: Fields): Declared {
  switch (schema['format']) {
    case 'byte':
      return scalar(
        'bytes',
        2,
        schema['maxLength'] === undefined ? maxRequestBytes - 2 : Math.max(0, schema['maxLength']),
      );
    case 'duration':
      return scalar('duration', 3, timeLength);
    case 'date':
      return scalar('timestamp', dateLength, dateLength);
    case 'date-time':
      return scalar('timestamp', 21, timeLength);
    default:
      return scalar('string', 2, textLength(schema));
  }
}

/** In bytes, of which a character takes up to four. */
function textLength({ maxLength, enum: values }: Fields): number {
  if (maxLength !== undefined) return Math.max(0, maxLength) * 4;
  const texts = list(values) as unknown[];
  if (texts.length === 0) return maxRequestBytes - 2;
  return Math.max(0, ...texts.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}
