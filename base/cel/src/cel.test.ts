import { expect, test } from 'vitest';
import { CelError, compileCel } from './index.ts';

const evaluate = (expression: string, self: unknown) => compileCel(expression).evaluate({ self });

test('whole numbers are integers and compare with doubles', () => {
  expect(evaluate('self.replicas + 1 == 4', { replicas: 3 })).toBe(true);
  expect(evaluate('type(self.replicas) == int && self.ratio > 1', { replicas: 3, ratio: 1.5 })).toBe(true);
});

test('the rules of Flux CRDs hold', () => {
  const rule = compileCel('has(self.configMapRef) || has(self.secretRef)', { variables: ['self', 'oldSelf'] });

  expect(rule.evaluate({ self: { secretRef: { name: 'x' } } })).toBe(true);
  expect(rule.evaluate({ self: {} })).toBe(false);
});

test('patterns run on RE2, also where the word stands in a string', () => {
  expect(evaluate('self.name.matches("^(a+)+$") && "matches" == self.word', { name: 'aaa', word: 'matches' })).toBe(
    true,
  );
  expect(evaluate('matches(self, "^(a+)+$")', `${'a'.repeat(5000)}!`)).toBe(false);
});

test('a condition in the manner of healthCheckExprs is found', () => {
  const expression = compileCel("status.conditions.exists(c, c.type == 'Ready' && c.status == 'True')");

  expect(expression.evaluate({ status: { conditions: [{ type: 'Ready', status: 'True' }] } })).toBe(true);
  expect(() => expression.evaluate({ status: {} })).toThrow('no such key: conditions');
});

test('errors read like those of cel-go', () => {
  expect(() => compileCel('nope > 1', { variables: ['self'] })).toThrow(
    "ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')\n | nope > 1\n | ^",
  );
  expect(() => compileCel('self ==')).toThrow(CelError);
  expect(() => compileCel('1 + 1', { variables: [], result: 'bool' })).toThrow('expected bool, got int');
});

test('members of JavaScript objects are not keys', () => {
  expect(() => evaluate('self.constructor', {})).toThrow('no such key: constructor');
  expect(evaluate('has(self.__proto__)', {})).toBe(false);
});

test('the extension libraries are there', () => {
  expect(evaluate('self.replace("a", "b") + "%s-%d".format(["x", 2])', 'aa')).toBe('bbx-2');
  expect(evaluate('self.isSorted() && self.max() == 3 && sets.contains(self, [1])', [1, 2, 3])).toBe(true);
});
