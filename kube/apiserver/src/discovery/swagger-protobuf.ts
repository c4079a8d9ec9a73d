import { Buffer } from 'node:buffer';

type Json = Readonly<Record<string, unknown>>;

/** Writes a value as the field of a number. */
type Encoder = (number: number, value: unknown) => Buffer;

/** Members of a message by their names in JSON. */
type Fields = Readonly<Record<string, readonly [number: number, encode: Encoder]>>;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function delimited(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

const text: Encoder = (number, value) => delimited(number, Buffer.from(String(value), 'utf8'));
const flag: Encoder = (number, value) => Buffer.concat([varint(number * 8), varint(value ? 1 : 0)]);
const count: Encoder = (number, value) => Buffer.concat([varint(number * 8), varint(Number(value))]);
const double: Encoder = (number, value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Number(value));
  return Buffer.concat([varint(number * 8 + 1), bytes]);
};
/** Any value travels as YAML, of which JSON is a part. */
const any: Encoder = (number, value) => delimited(number, text(2, JSON.stringify(value)));

function repeated(encode: Encoder): Encoder {
  return (number, values) => Buffer.concat((values as unknown[]).map((value) => encode(number, value)));
}

/** A message in place of another that has nothing but it. */
function within(inner: number, encode: Encoder): Encoder {
  return (number, value) => delimited(number, encode(inner, value));
}

function message(fields: Fields, extensions: number): Encoder {
  return (number, value) => delimited(number, encodeMembers(value as Json, fields, extensions));
}

function encodeMembers(value: Json, fields: Fields, extensions: number): Buffer {
  const parts = Object.entries(value).map(([name, member]) => {
    if (name.startsWith('x-')) return pair(extensions, name, (number) => any(number, member));
    const [number, encode] = (Object.hasOwn(fields, name) ? fields[name] : undefined) ?? [];
    return number !== undefined && encode && member !== undefined ? encode(number, member) : Buffer.alloc(0);
  });
  return Buffer.concat(parts);
}

function pair(number: number, name: string, encodeValue: (number: number) => Buffer): Buffer {
  return delimited(number, Buffer.concat([text(1, name), encodeValue(2)]));
}

/** A map as a list of names with values. */
function named(encode: Encoder): Encoder {
  return (number, value) =>
    Buffer.concat(
      Object.entries(value as Json).map(([name, item]) => pair(number, name, (inner) => encode(inner, item))),
    );
}

const schema: Encoder = (number, value) => message(schemaFields, 31)(number, value);

const schemaFields: Fields = {
  ...{ $ref: [1, text], format: [2, text], title: [3, text], description: [4, text], default: [5, any] },
  ...{ multipleOf: [6, double], maximum: [7, double], exclusiveMaximum: [8, flag], minimum: [9, double] },
  ...{ exclusiveMinimum: [10, flag], maxLength: [11, count], minLength: [12, count], pattern: [13, text] },
  ...{ maxItems: [14, count], minItems: [15, count], uniqueItems: [16, flag], maxProperties: [17, count] },
  ...{ minProperties: [18, count], required: [19, repeated(text)], enum: [20, repeated(any)] },
  additionalProperties: [21, (number, value) => within(typeof value === 'boolean' ? 2 : 1, additional)(number, value)],
  type: [22, (number, value) => within(1, repeated(text))(number, Array.isArray(value) ? value : [value])],
  items: [23, within(1, schema)],
  allOf: [24, repeated(schema)],
  properties: [25, within(1, named(schema))],
  example: [30, any],
};

function additional(number: number, value: unknown): Buffer {
  return typeof value === 'boolean' ? flag(number, value) : schema(number, value);
}

const parameterFields: Fields = {
  ...{
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    uniqueItems: [20, flag],
  },
};
/** Parameters of queries are the only ones that the document has. */
const parameter = within(1, within(2, within(3, message(parameterFields, 23))));

const operation = message(
  {
    description: [3, text],
    operationId: [5, text],
    parameters: [8, repeated(parameter)],
    responses: [9, within(1, named(within(1, message({ description: [1, text] }, 5))))],
  },
  13,
);

const pathItem = message(
  Object.fromEntries(
    ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'].map((method, index) => [
      method,
      [index + 2, operation],
    ]),
  ) as Fields,
  10,
);

const documentFields: Fields = {
  swagger: [1, text],
  info: [2, message({ title: [1, text], version: [2, text] }, 7)],
  paths: [8, within(2, named(pathItem))],
  definitions: [9, within(1, named(schema))],
};

/** An OpenAPI v2 document in the protobuf form of gnostic, which older kubectls and tools with client-go ask for. */
export function encodeSwagger(document: Json): Buffer {
  return encodeMembers(document, documentFields, 16);
}
