import { expect, test } from 'vitest';
import { formatFieldError } from '../field-error.ts';
import type { JsonValue } from '../object.ts';
import { structuralFromOpenApi } from '../structural.ts';
import { validateValue } from './validate-value.ts';

function messages(properties: Record<string, unknown>, spec: JsonValue, oldSpec?: JsonValue): string[] {
  const schema = structuralFromOpenApi({
    type: 'object',
    properties: { spec: { type: 'object', properties, required: properties['must'] ? ['must'] : [] } },
  });
  const oldValue = oldSpec === undefined ? undefined : { spec: oldSpec };
  return validateValue({ spec }, schema, { oldValue }).map(formatFieldError);
}

test.for([
  [
    { a: { type: 'integer' } },
    { a: 'x' },
    'spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"',
  ],
  [{ must: { type: 'string' } }, {}, 'spec.must: Required value'],
  [
    { a: { type: 'string', enum: ['x', 'y'] } },
    { a: 'z' },
    'spec.a: Unsupported value: "z": supported values: "x", "y"',
  ],
  [{ a: { type: 'integer', enum: [1, 2] } }, { a: 3 }, 'spec.a: Unsupported value: 3: supported values: "1", "2"'],
  [{ a: { type: 'string', maxLength: 2 } }, { a: 'ééé' }, 'spec.a: Too long: may not be more than 2 bytes'],
  [
    { a: { type: 'number', maximum: 1e21 } },
    { a: 1e22 },
    'spec.a: Invalid value: 1e+22: spec.a in body should be less than or equal to 1e+21',
  ],
  [
    { a: { type: 'number', minimum: 0.5 } },
    { a: 0.25 },
    'spec.a: Invalid value: 0.25: spec.a in body should be greater than or equal to 0.5',
  ],
  [
    { a: { type: 'integer', format: 'int32' } },
    { a: 5_000_000_000 },
    '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.a',
  ],
  [
    { a: { type: 'string', pattern: '^a$' } },
    { a: 'b' },
    'spec.a: Invalid value: "b": spec.a in body should match \'^a$\'',
  ],
  [{ a: { type: 'string', pattern: '(?=x)' } }, { a: 'b' }, /but pattern is invalid/],
  [
    { a: { type: 'object', additionalProperties: { type: 'integer' } } },
    { a: { k: 'x' } },
    'spec.a.k: Invalid value: "string": spec.a.k in body must be of type integer: "string"',
  ],
  [
    { a: { type: 'object', additionalProperties: false } },
    { a: { k: 1 } },
    'spec.a: Invalid value: "k": spec.a.k in body is a forbidden property',
  ],
  [
    { a: { allOf: [{ type: 'string' }, { minLength: 3 }], type: 'string' } },
    { a: 'ab' },
    'spec.a: Invalid value: "ab": spec.a in body should be at least 3 chars long',
  ],
  [
    { a: { type: 'array', uniqueItems: true, items: { type: 'integer' } } },
    { a: [1, 1] },
    'spec.a: Invalid value: "": spec.a in body shouldn\'t contain duplicates',
  ],
] as [Record<string, unknown>, JsonValue, string | RegExp][])('%j refuses %j', ([properties, spec, message]) => {
  const [first] = messages(properties, spec);

  if (typeof message === 'string') expect(first).toBe(message);
  else expect(first).toMatch(message);
});

test('the closest alternative of anyOf explains the failure', () => {
  const anyOf = [{ required: ['x'] }, { required: ['y'], properties: { z: { enum: ['1'] } } }];

  expect(
    messages(
      { a: { type: 'object', properties: { x: { type: 'string' }, z: { type: 'string' } }, anyOf } },
      { a: { z: '1' } },
    ),
  ).toEqual([
    '<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)',
    'spec.a.y: Required value',
  ]);
});

test('what was wrong already and did not change is tolerated (KUBE-CRD-01)', () => {
  const properties = { a: { type: 'string', maxLength: 1 }, b: { type: 'integer' } };

  expect(messages(properties, { a: 'xx', b: 2 }, { a: 'xx', b: 1 })).toEqual([]);
  expect(messages(properties, { a: 'yy' }, { a: 'xx' })).toHaveLength(1);
});

test('items of a list map are matched by key for ratcheting and transitions', () => {
  const item = {
    type: 'object',
    properties: {
      k: { type: 'string' },
      v: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed' }] },
    },
  };
  const list = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: item };
  const old = {
    list: [
      { k: 'a', v: '1' },
      { k: 'b', v: '2' },
    ],
  };

  expect(
    messages(
      { list },
      {
        list: [
          { k: 'b', v: '2' },
          { k: 'c', v: '9' },
        ],
      },
      old,
    ),
  ).toEqual([]);
  expect(messages({ list }, { list: [{ k: 'b', v: '3' }] }, old)).toEqual([
    'spec.list[0].v: Invalid value: "3": fixed',
  ]);
});

test('duplicates in sets and list maps are named once each', () => {
  const set = { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' };

  expect(messages({ set }, { set: ['a', 'b', 'a', 'a'] })).toEqual(['spec.set[2]: Duplicate value: "a"']);
  expect(messages({ set }, { set: ['a', 'a'] }, { set: ['b', 'b'] })).toEqual([]);
});

function ruled(
  rule: Record<string, unknown>,
  type: Record<string, unknown> = { type: 'string' },
): Record<string, unknown> {
  return { a: { ...type, 'x-kubernetes-validations': [rule] } };
}

test('rules answer with message, message expression, reason and field path', () => {
  const object = { type: 'object', properties: { 'x-y': { type: 'string' } } };
  const rule = {
    rule: "self.x__dash__y != 'bad'",
    messageExpression: "'got ' + self.x__dash__y",
    reason: 'FieldValueForbidden',
    fieldPath: '.x-y',
  };

  expect(messages(ruled(rule, object), { a: { 'x-y': 'bad' } })).toEqual(['spec.a.x-y: Forbidden: got bad']);
  expect(messages(ruled({ rule: 'self == "x"' }), { a: 'y' })).toEqual([
    'spec.a: Invalid value: "y": failed rule: self == "x"',
  ]);
  expect(messages(ruled({ rule: 'size(self.nope) > 0', message: 'm' }, object), { a: {} })[0]).toMatch(
    /evaluating rule: m$/,
  );
  expect(messages(ruled({ rule: 'self ===' }), { a: 'y' })[0]).toMatch(
    /^spec.a: Invalid value: "string": rule compile error: /,
  );
});

test('a rule on the old value runs only on a change, with optionalOldSelf always', () => {
  const fixed = ruled({ rule: 'self == oldSelf', message: 'fixed' });
  const once = ruled({
    rule: '!oldSelf.hasValue() || self == oldSelf.value()',
    optionalOldSelf: true,
    message: 'once',
  });

  expect(messages(fixed, { a: 'x' })).toEqual([]);
  expect(messages(fixed, { a: 'x' }, {})).toEqual([]);
  expect(messages(fixed, { a: 'x' }, { a: 'y' })).toEqual(['spec.a: Invalid value: "x": fixed']);
  expect(messages(once, { a: 'x' })).toEqual([]);
  expect(messages(once, { a: 'x' }, { a: 'y' })).toEqual(['spec.a: Invalid value: "x": once']);
});

test('durations and times are what their format says', () => {
  expect(
    messages(ruled({ rule: "self > duration('1m')", message: 'short' }, { type: 'string', format: 'duration' }), {
      a: '5s',
    }),
  ).toEqual(['spec.a: Invalid value: "5s": short']);
});

test('rules are not run after errors that would repeat in them', () => {
  const properties = { ...ruled({ rule: 'false' }), b: { type: 'integer' } };

  expect(messages(properties, { a: 'x', b: 'y' })).toEqual([
    'spec.b: Invalid value: "string": spec.b in body must be of type integer: "string"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ]);
});

test('a hostile pattern or key does no harm', () => {
  const value = JSON.parse(`{"a": "${'a'.repeat(30_000)}!", "__proto__": 1, "constructor": 2}`);

  expect(messages({ a: { type: 'string', pattern: '^(a+)+$' } }, value)).toHaveLength(1);
});

test('a rule that costs too much ends all rules of the object', () => {
  const loop = 'self.all(x, self.all(y, self.all(z, x + y + z > 0)))';
  const items = { type: 'array', items: { type: 'integer' } };
  const properties = {
    ...ruled({ rule: loop }, items),
    b: { type: 'string', 'x-kubernetes-validations': [{ rule: 'false' }] },
  };

  expect(messages(properties, { a: Array.from({ length: 200 }, () => 1), b: 'x' })).toEqual([
    `spec.a: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: ${loop}`,
  ]);
});

test('the rules of one object share a budget', () => {
  const rule = { rule: 'self.contains(self.substring(0, 8000))' };
  const properties = {
    a: { type: 'string', 'x-kubernetes-validations': Array.from({ length: 20 }, () => ({ ...rule })) },
  };

  expect(messages(properties, { a: 'a'.repeat(10_000) })).toEqual([
    'spec.a: Invalid value: "string": validation failed due to running out of cost budget, no further validation rules will be run',
  ]);
});
