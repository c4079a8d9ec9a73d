import { describe, expect, it } from 'vitest';
import { validateCrdSchema } from './validate-schema.ts';
import { validateConversionMembers, validateDeprecation, validateVersionMembers } from './version-rules.ts';

const inSpec = (schema: object) =>
  validateCrdSchema({ type: 'object', properties: { spec: schema } }, 's').map(
    ({ field, detail, type }) =>
      `${field.replace('s.properties[spec]', 'F')} ${type.replace('FieldValue', '')} ${detail ?? ''}`,
  );

describe('a schema of a CRD is refused', () => {
  it.each([
    [{ type: 'foo' }, 'F.type NotSupported '],
    [{ $ref: '#/x' }, 'F.$ref Forbidden $ref is not supported'],
    [
      { type: 'array', items: [{ type: 'string' }] },
      'F.items Forbidden items must be a schema object and not an array',
    ],
    [
      { type: 'object', uniqueItems: true },
      'F.uniqueItems Forbidden uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
    [
      { type: 'string', 'x-kubernetes-list-type': 'set' },
      'F.type Invalid must be array if x-kubernetes-list-type is specified',
    ],
    [{ type: 'object', 'x-kubernetes-map-type': 'foo' }, 'F.x-kubernetes-map-type NotSupported '],
    [
      { type: 'object', anyOf: [{ properties: { a: { type: 'string' } } }] },
      'F.anyOf[0].properties[a].type Forbidden must be empty to be structural',
    ],
    [
      { type: 'string', 'x-kubernetes-validations': [{ rule: 'true', reason: 'Foo' }] },
      'F.x-kubernetes-validations[0].reason NotSupported ',
    ],
    [
      { type: 'object', 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.b' }] },
      'F.x-kubernetes-validations[0].fieldPath Invalid must be a valid path',
    ],
    [
      { type: 'string', 'x-kubernetes-validations': [{ rule: 'true', optionalOldSelf: true }] },
      'F.x-kubernetes-validations[0].optionalOldSelf Invalid may not be set if oldSelf is not used in rule',
    ],
  ])('%j', (schema, expected) => {
    expect(inSpec(schema).map((text) => (expected.endsWith(' ') ? text.slice(0, expected.length) : text))).toEqual([
      expected,
    ]);
  });

  it('unless a number or text is told apart by its conditions', () => {
    const either = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
    expect(inSpec(either)).toEqual([]);
  });
});

describe('a version of a CRD is refused', () => {
  const schema = { properties: { spec: { properties: { a: { type: 'string' }, o: { type: 'object' } } } } };
  const details = (version: object) => validateVersionMembers(version, 'v', schema).map(({ detail }) => detail);

  it('whose scale leads elsewhere', () => {
    const scale = { specReplicasPath: 'spec.r', statusReplicasPath: '.foo.r' };
    expect(details({ subresources: { scale } })).toEqual([
      'must be a simple json path starting with .',
      'should be a json path under .status',
    ]);
  });

  it('whose selectable fields are none', () => {
    const selectableFields = ['.spec.a', '.spec.nope', '.spec.o', '.spec.a'].map((jsonPath) => ({ jsonPath }));
    expect(details({ selectableFields })).toHaveLength(3);
  });

  it('that warns of its end without having one, and a conversion with parts of another', () => {
    expect(validateDeprecation({ deprecationWarning: 'x' }, 'v')).toHaveLength(1);
    expect(validateDeprecation({ deprecated: true, deprecationWarning: 'x' }, 'v')).toEqual([]);
    expect(validateConversionMembers({ strategy: 'None', webhook: { conversionReviewVersions: ['v1'] } })).toHaveLength(
      1,
    );
    expect(
      validateConversionMembers({ strategy: 'Webhook', webhook: { conversionReviewVersions: ['v2'] } }),
    ).toHaveLength(1);
  });
});
