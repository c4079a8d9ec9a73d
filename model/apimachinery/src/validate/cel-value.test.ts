import { expect, test } from 'vitest';
import type { Schema } from '../schema.ts';
import { validateRules } from './cel-rules.ts';

function holds(rule: string, value: Record<string, string>, schema: Schema): boolean {
  return validateRules(value, { ...schema, validations: [{ rule }] }, { path: '', isRoot: false }).length === 0;
}

test('text of a format is what the format says, wherever it stands', () => {
  const text = (format: string): Schema => ({ type: 'string', format });
  const schema: Schema = {
    type: 'object',
    properties: { wait: text('duration'), at: text('date-time'), day: text('date'), data: text('byte') },
  };
  const value = { wait: '90m', at: '2024-01-02T03:04:05Z', day: '2024-01-02', data: 'YWJj' };

  expect(holds('self.wait > duration("1h") && duration(self.wait) == self.wait', value, schema)).toBe(true);
  expect(holds('self.at.getFullYear() == 2024 && self.day < self.at', value, schema)).toBe(true);
  expect(holds('self.data == b"abc" && self.wait < duration("1h")', value, schema)).toBe(false);
});

test('members with names that are words of the language are read under both names', () => {
  const schema: Schema = { type: 'object', properties: { namespace: { type: 'string' } } };

  expect(
    holds('self.namespace == "a" && self.__namespace__ == "a" && has(self.namespace)', { namespace: 'a' }, schema),
  ).toBe(true);
});
