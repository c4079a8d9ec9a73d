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

test('optional values map, the first and last of a list are optional', () => {
  expect(evaluate('self.?name.optMap(n, n + "!").orValue("")', { name: 'a' })).toBe('a!');
  expect(evaluate('self.?name.optMap(n, self.?other.optMap(o, n + o).orValue(n)).orValue("-")', {})).toBe('-');
  expect(evaluate('(self.?name).optMap(n, (n + "!")).orValue("")', { name: 'a' })).toBe('a!');
  expect(evaluate('self.first().orValue(0) + self.last().value()', [1, 2, 3])).toBe(4);
});

test('equality of members looks inside lists and maps', () => {
  expect(evaluate('self.distinct()', [1, 1, { a: [1] }, { a: [1] }])).toEqual([1, { a: [1] }]);
  expect(evaluate('sets.contains(self, [[1, 2]]) && self.indexOf([1, 2]) == 1', [0, [1, 2]])).toBe(true);
});

test('quantities and URLs of Kubernetes are known', () => {
  expect(evaluate('quantity(self).isLessThan(quantity("1Gi")) && quantity("1") == quantity("1000m")', '1G')).toBe(true);
  expect(evaluate('quantity("1Gi").sub(quantity("1Mi")).compareTo(quantity("1Gi"))', null)).toBe(-1);
  expect(evaluate('url(self).getHost() + url(self).getEscapedPath()', 'https://me@h.example:443/a?x=1')).toBe(
    'h.example:443/a',
  );
  expect(evaluate('isURL("/a") && !isURL("a b") && !isQuantity("x")', null)).toBe(true);
});

test('format knows the verbs of cel-go', () => {
  expect(evaluate('"%s %d %x %X %b %o %.2f %e %%".format([[1, "a"], 1, 255, 255, 5, 8, 1.5, 1234.5])', null)).toBe(
    '[1, "a"] 1 ff FF 101 10 1.50 1.234500×10⁰³ %',
  );
  expect(() => evaluate('"%d".format(["a"])', null)).toThrow(
    'decimal clause can only be used on integers, was given string',
  );
});

test('results are JSON, whatever CEL type they have', () => {
  expect(evaluate('[duration("90m"), timestamp("2024-01-02T03:04:05Z"), 1u, b"abc", type(1)]', null)).toEqual([
    '5400s',
    '2024-01-02T03:04:05Z',
    1,
    'YWJj',
    'int',
  ]);
});

test('a pattern that cannot be compiled is found before anything is evaluated', () => {
  expect(() => compileCel("self.matches('[')", { variables: ['self'] })).toThrow(
    "ERROR: <input>:1:14: invalid matches argument\n | self.matches('[')\n | .............^",
  );
});

test('slices beyond the list are errors', () => {
  expect(() => evaluate('self.slice(0, 9)', [1])).toThrow('cannot slice(0, 9), list is length 1');
});

test('has looks below items, too', () => {
  const program = compileCel('has(self[0].a) ? self[0].a.size() : (has(self[1].b.c) ? 7 : 0)', { variables: ['self'] });

  expect(program.evaluate({ self: [{ a: [1, 2] }] })).toBe(2);
  expect(program.evaluate({ self: [{}, { b: { c: 1 } }] })).toBe(7);
  expect(program.evaluate({ self: [{}, { b: {} }] })).toBe(0);
});
