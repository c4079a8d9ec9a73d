import { describe, expect, it } from 'vitest';
import type { Fields } from '../strategies/fields.ts';
import { validateCrdSchema } from './validate-schema.ts';

const spec: Fields = {
  type: 'object',
  properties: {
    count: { type: 'integer' },
    name: { type: 'string', maxLength: 10 },
    'x-y': { type: 'string', maxLength: 10 },
    port: { 'x-kubernetes-int-or-string': true },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    when: { type: 'string', format: 'date-time' },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    labels: { type: 'object', maxProperties: 5, additionalProperties: { type: 'string', maxLength: 5 } },
  },
};

function found(rule: Fields, schema: Fields = spec): string[] {
  const ruled = { ...schema, 'x-kubernetes-validations': [{ message: 'm', ...rule }] };
  const errors = validateCrdSchema({ type: 'object', properties: { spec: ruled } }, 's');
  return errors.map(
    ({ field, detail }) => `${field.replace('s.properties[spec].x-kubernetes-validations[0].', '')}: ${detail}`,
  );
}

describe('a rule of a custom resource definition', () => {
  it.each([
    "self.x__dash__y == '' && self.labels.all(k, self.labels[k] != k)",
    "self.port == 1 || self.port == 'http'",
    "self.when < timestamp('2030-01-01T00:00:00Z')",
    "self.template.metadata.name.startsWith('a') && self.template.kind != ''",
    'has(self.count) && self.free != null && oldSelf.count <= self.count',
  ])('may say %s', (rule) => {
    expect(found({ rule })).toEqual([]);
  });

  it('has to fit the types of the schema', () => {
    const [error] = found({ rule: 'self.name == 1' });
    expect(error).toBe(
      "rule: compilation failed: ERROR: <input>:1:11: found no matching overload for '_==_' applied to '(string, int)'\n | self.name == 1\n | ..........^",
    );
    expect(found({ rule: 'self.free.anything == 1' })[0]).toContain("undefined field 'anything'");
    expect(found({ rule: 'self.template.spec' })[0]).toContain("undefined field 'spec'");
    expect(found({ rule: 'self.count' })).toEqual(['rule: cel expression must evaluate to a bool']);
    expect(found({ rule: 'type(self.count) == timestamp' })).toEqual([
      'rule: program instantiation failed: reference to undefined type: timestamp',
    ]);
  });

  it('has a message that is a text, which is looked at when the rule is right', () => {
    expect(found({ rule: 'true', messageExpression: 'self.count' })).toEqual([
      'messageExpression: messageExpression must evaluate to a string',
    ]);
    expect(found({ rule: 'true', messageExpression: 'self.' })[0]).toContain('messageExpression compilation failed: ');
    expect(found({ rule: 'self.', messageExpression: 'self.' })).toHaveLength(1);
  });

  it('takes the old value as an optional where it says so, and for nothing where there is none', () => {
    expect(found({ rule: 'oldSelf.orValue(self).count == 1', optionalOldSelf: true })).toEqual([]);
    expect(found({ rule: 'oldSelf.count == 1', optionalOldSelf: true })[0]).toContain("'(optional_type(int), int)'");
    expect(found({ rule: 'self.count == 1', optionalOldSelf: true })).toEqual([
      'optionalOldSelf: may not be set if oldSelf is not used in rule',
    ]);
    const items = { ...spec, 'x-kubernetes-validations': [{ rule: 'self.count == oldSelf.count' }] };
    const list = { type: 'array', maxItems: 3, items };
    expect(found({ rule: 'true' }, list)).toEqual([
      's.properties[spec].items.x-kubernetes-validations[0].rule: oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[spec]',
    ]);
  });

  it('is not compiled where the schema is wrong, nor again when it is stored', () => {
    const broken = { ...spec, properties: { ...spec['properties'], bad: { type: 'string', pattern: '[' } } };
    expect(found({ rule: 'nope' }, broken)).toHaveLength(1);
    const schema = { type: 'object', 'x-kubernetes-validations': [{ rule: 'nope' }] };
    expect(validateCrdSchema(schema, 's')).toHaveLength(1);
    expect(validateCrdSchema(schema, 's', { isUnchanged: true })).toEqual([]);
  });

  it('needs a value of a known type', () => {
    const unknown = { 'x-kubernetes-preserve-unknown-fields': true };
    expect(found({ rule: 'true' }, unknown)[0]).toContain('unable to convert structural schema to CEL declarations');
  });
});
