import { expect, test } from 'vitest';
import { compileSchema, validateWithSchema } from './validate-schema.ts';

function validate(schema: unknown, values: unknown): string | undefined {
  const refuse = (url: string) => {
    throw new Error(`asked for ${url}`);
  };
  return validateWithSchema(compileSchema(JSON.stringify(schema), refuse), values);
}

const draft = (name: string) => `http://json-schema.org/draft-0${name}/schema#`;

test.each<[string, unknown, unknown, string | undefined]>([
  [
    'types',
    { properties: { a: { type: ['integer', 'null'] } } },
    { a: 1.5 },
    "- at '/a': got number, want null or integer",
  ],
  ['required', { required: ['a', 'b'] }, {}, "- at '': missing properties 'a', 'b'"],
  ['additional', { additionalProperties: false }, { "it's": 1 }, "- at '': additional properties 'it\\'s' not allowed"],
  ['enum', { properties: { a: { enum: ['x', 1, null] } } }, { a: 2 }, "- at '/a': value must be one of 'x', 1, <nil>"],
  [
    'limits',
    { properties: { a: { maximum: 1000 } } },
    { a: 1234567 },
    "- at '/a': maximum: got 1.234567×10⁰⁶, want 1,000",
  ],
  ['decimals', { properties: { a: { multipleOf: 0.1 } } }, { a: 0.3 }, undefined],
  [
    'nesting',
    { properties: { a: { minLength: 3, pattern: '^x' } } },
    { a: 'ab' },
    "- at '/a': minLength: got 2, want 3\n- at '/a': 'ab' does not match pattern '^x'",
  ],
  ['one of', { oneOf: [true, true] }, {}, "- at '': 'oneOf' failed, subschemas 0, 1 matched"],
  ['a reference', { $ref: '#/$defs/a', $defs: { a: { type: 'array' } } }, {}, "- at '': got object, want array"],
  ['an anchor', { $ref: '#a', $defs: { a: { $anchor: 'a', type: 'array' } } }, {}, "- at '': got object, want array"],
  ['unevaluated', { properties: { a: true }, unevaluatedProperties: false }, { a: 1, b: 1 }, "- at '/b': false schema"],
  [
    'conditions',
    JSON.parse('{"if": {"required": ["a"]}, "then": {"required": ["b"]}}'),
    { a: 1 },
    "- at '': missing property 'b'",
  ],
  [
    'names',
    { propertyNames: { maxLength: 1 } },
    { ab: 1 },
    "- at '': invalid propertyName 'ab'\n  - at '': maxLength: got 2, want 1",
  ],
  [
    'contains',
    { properties: { a: { contains: { type: 'string' }, minContains: 2 } } },
    { a: ['x'] },
    "- at '/a': min 2 items required to match contains schema, but matched 1 items at 0",
  ],
  [
    'equal items',
    { properties: { a: { uniqueItems: true } } },
    { a: [{ x: 1 }, 2, { x: 1 }] },
    "- at '/a': items at 0 and 2 are equal",
  ],
  [
    'formats in draft 7',
    { $schema: draft('7'), properties: { a: { format: 'ipv4' } } },
    { a: '1.2.3' },
    "- at '/a': '1.2.3' is not valid ipv4: expected four decimals",
  ],
  ['no formats in newer ones', { properties: { a: { format: 'ipv4' } } }, { a: '1.2.3' }, undefined],
  [
    'draft 4',
    { $schema: draft('4'), properties: { a: { minimum: 1, exclusiveMinimum: true } } },
    { a: 1 },
    "- at '/a': exclusiveMinimum: got 1, want 1",
  ],
  [
    'the tail of a list',
    { $schema: draft('6'), properties: { a: { items: [true], additionalItems: false } } },
    { a: [1, 2] },
    "- at '/a': last 1 additionalItem(s) not allowed",
  ],
])('%s', (_what, schema, values, expected) => {
  expect(validate(schema, values)).toBe(expected);
});

test('a schema that its draft does not allow is an error', () => {
  expect(() => validate({ $schema: draft('7'), type: 'text' }, {})).toThrow(
    `"file:///values.schema.json#" is not valid against metaschema: jsonschema validation failed with '${draft('7')}'\n- at '/type': 'anyOf' failed`,
  );
  expect(() => validate({ properties: { a: { pattern: '(' } } }, {})).toThrow(
    "'(' is not valid regex: error parsing regexp: missing closing ): `(`",
  );
});

test('references that go round are found', () => {
  expect(validate({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, {})).toContain('causing reference cycle');
  expect(validate({ properties: { a: { $ref: '#' } }, type: 'object' }, { a: { a: { a: 1 } } })).toBe(
    "- at '/a/a/a': got number, want object",
  );
});

test('a pattern that backtracking would never finish takes no time', () => {
  const schema = { properties: { a: { pattern: '^(a+)+$' } } };

  expect(validate(schema, { a: `${'a'.repeat(50_000)}b` })).toContain('does not match pattern');
});

test('schemas that double at every step are stopped', () => {
  const $defs: Record<string, unknown> = { x30: { type: 'string' } };
  for (let index = 0; index < 30; index++) {
    const next = { $ref: `#/$defs/x${index + 1}` };
    $defs[`x${index}`] = { anyOf: [next, next] };
  }

  expect(() => validate({ $ref: '#/$defs/x0', $defs }, {})).toThrow('too many steps');
});

test('schemas and values that are nested without end are an error, not a crash', () => {
  const deep = (open: string, close: string) => open.repeat(20_000) + close.repeat(20_000);
  const schema = `{"properties": ${deep('{"a": {"properties": ', '}}').replace('}}', '{}}}')}}`;
  const refuse = () => {
    throw new Error('never asked');
  };

  expect(() => compileSchema(schema, refuse)).toThrow();
});

test('names of prototypes are ordinary names', () => {
  expect(validate({ required: ['constructor', 'toString'] }, {})).toBe(
    "- at '': missing properties 'constructor', 'toString'",
  );
  expect(
    validate(JSON.parse('{"properties": {"__proto__": {"type": "string"}}}'), JSON.parse('{"__proto__": 1}')),
  ).toBe("- at '/__proto__': got number, want string");
});
