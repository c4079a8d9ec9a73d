const array = { $ref: '#/definitions/schemaArray' };
const schema = { $ref: '#' };
const schemas = { type: 'object', additionalProperties: schema, default: {} };
const size = { $ref: '#/definitions/positiveInteger' };
const sizeFromZero = { $ref: '#/definitions/positiveIntegerDefault0' };
const names = { $ref: '#/definitions/stringArray' };
const switchable = { anyOf: [{ type: 'boolean' }, schema], default: {} };

/** What a schema of draft 4 may look like, as draft 4 defines it. */
export const draft4Metaschema = {
  id: 'http://json-schema.org/draft-04/schema#',
  $schema: 'http://json-schema.org/draft-04/schema#',
  definitions: {
    schemaArray: { type: 'array', minItems: 1, items: schema },
    positiveInteger: { type: 'integer', minimum: 0 },
    positiveIntegerDefault0: { allOf: [size, { default: 0 }] },
    simpleTypes: { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] },
    stringArray: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
  },
  type: 'object',
  properties: {
    id: { type: 'string' },
    $schema: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    description: { type: 'string' },
    default: {},
    multipleOf: { type: 'number', minimum: 0, exclusiveMinimum: true },
    maximum: { type: 'number' },
    exclusiveMaximum: { type: 'boolean' },
    minimum: { type: 'number' },
    exclusiveMinimum: { type: 'boolean' },
    maxLength: size,
    minLength: sizeFromZero,
    pattern: { type: 'string', format: 'regex' },
    additionalItems: switchable,
    items: { anyOf: [schema, array], default: {} },
    maxItems: size,
    minItems: sizeFromZero,
    uniqueItems: { type: 'boolean', default: false },
    maxProperties: size,
    minProperties: sizeFromZero,
    required: names,
    additionalProperties: switchable,
    definitions: schemas,
    properties: schemas,
    patternProperties: schemas,
    dependencies: { type: 'object', additionalProperties: { anyOf: [schema, names] } },
    enum: { type: 'array', minItems: 1, uniqueItems: true },
    type: {
      anyOf: [
        { $ref: '#/definitions/simpleTypes' },
        { type: 'array', items: { $ref: '#/definitions/simpleTypes' }, minItems: 1, uniqueItems: true },
      ],
    },
    allOf: array,
    anyOf: array,
    oneOf: array,
    not: schema,
    format: { type: 'string' },
  },
  dependencies: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
  default: {},
};
