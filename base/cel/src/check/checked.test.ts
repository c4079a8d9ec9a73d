import { describe, expect, it } from 'vitest';
import { compileCel } from '../compile.ts';
import type { CelDeclaration } from '../cost/declaration.ts';
import { CelScope, checkCel } from './checked.ts';

function of(kind: 'string' | 'int' | 'bool' | 'dyn' | 'duration' | 'double'): CelDeclaration {
  return { kind, maxElements: 0 };
}

function object(fields: Record<string, CelDeclaration>): CelDeclaration {
  return { kind: 'object', maxElements: 0, fields: new Map(Object.entries(fields)) };
}

const self = object({
  i: of('int'),
  s: of('string'),
  b: of('bool'),
  d: of('double'),
  any: of('dyn'),
  dur: of('duration'),
  ls: { kind: 'list', maxElements: 0, element: of('string') },
  m: { kind: 'map', maxElements: 0, element: of('int') },
  o: object({ a: of('string') }),
  __namespace__: of('string'),
});
const scope = new CelScope({ self, oldSelf: self }, { names: { self: 'T', oldSelf: 'T' } });

function problem(expression: string): string {
  try {
    return checkCel(expression, scope).type;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What is wrong, without the places. */
function said(expression: string): string[] {
  return problem(expression)
    .split('\n')
    .filter((line) => line.startsWith('ERROR'))
    .map((line) => line.replace(/^ERROR: <input>:/, ''));
}

// Each of these was compared with what kube-apiserver 1.36 says of the same expression.
describe('an expression has a type', () => {
  it.each([
    ['self.i + 1 > 2.5 && has(self.o.a)', 'bool'],
    ['self.ls.map(x, x.size())', 'list(int)'],
    ['self.m', 'map(string, int)'],
    ['self.?s.orValue("x") + "y"', 'string'],
    ['self.ls[?0]', 'optional_type(string)'],
    ['self.any.whatever[0].at.all', 'dyn'],
    ['self.b ? [] : [1]', 'list(int)'],
    ['timestamp("2020-01-01T00:00:00Z") + self.dur', 'google.protobuf.Timestamp'],
    ['self.ls.transformMap(i, v, v)', 'map(int, string)'],
    ['[1, 2].sortBy(x, -x)', 'list(int)'],
    ['self.o == null || self == oldSelf', 'bool'],
    ['self.namespace == self.__namespace__', 'bool'],
    ['quantity(self.s).add(1).isLessThan(quantity("1Gi"))', 'bool'],
    ['cidr("10.0.0.0/8").containsIP(ip(self.s))', 'bool'],
    ['sets.contains(self.ls, ["a"]) && format.dns1123Label().validate(self.s).hasValue()', 'bool'],
  ])('%s: %s', (expression, type) => {
    expect(problem(expression)).toBe(type);
  });
});

describe('an expression whose parts do not fit is refused', () => {
  it('with the place of each part', () => {
    expect(problem('self.s == 1 ||\n  self.i == "a"\t&& self.ü')).toBe(
      'ERROR: <input>:2:25: Syntax error: token recognition error at: \'ü\'\n |   self.i == "a" && self.ü\n | ........................＾\n' +
        'ERROR: <input>:2:26: Syntax error: no viable alternative at input \'.\'\n |   self.i == "a" && self.ü\n | ........................．^',
    );
    expect(problem('self.s == 1 ||\n  self.i == "ü"\t&& true')).toBe(
      "ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(string, int)'\n | self.s == 1 ||\n | .......^\n" +
        "ERROR: <input>:2:10: found no matching overload for '_==_' applied to '(int, string)'\n |   self.i == \"ü\" && true\n | .........^",
    );
  });

  it.each([
    ['self.nope', "1:5: undefined field 'nope'"],
    ['self.s.x', "1:7: type 'string' does not support field selection"],
    ['nope.x', "1:1: undeclared reference to 'nope' (in container '')"],
    ['cel.bind(x, 1, true)', "1:1: undeclared reference to 'cel' (in container '')"],
    ['self.s == null', "1:8: found no matching overload for '_==_' applied to '(string, null)'"],
    ['self.o == self', "1:8: found no matching overload for '_==_' applied to '(T.o, T)'"],
    ['self.size()', "1:10: found no matching overload for 'size' applied to 'T.()'"],
    ['self.ls.all(x, x.size())', "1:22: expected type 'bool' but found 'int'"],
    [
      'self.ls.filter(x, 1)',
      "1:15: found no matching overload for '_?_:_' applied to '(int, list(string), list(string))'",
    ],
    [
      'self.i.all(x, true)',
      "1:5: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ],
    ['self.m.all(k, v, k == v)', "1:20: found no matching overload for '_==_' applied to '(string, int)'"],
    ['[1, "a"]', "1:5: expected type 'int' but found 'string'"],
    ['[?1]', "1:3: expected type 'optional_type(int)' but found 'int'"],
    ['self.s.matches("[")', '1:16: invalid matches argument'],
    ['duration("x")', '1:10: invalid duration argument'],
    [
      '"%d".format(["a"])',
      '1:14: error during formatting: decimal clause can only be used on integers, was given string',
    ],
    ['"%s".format([])', '1:12: index 0 out of range'],
    ['has(self)', '1:5: invalid argument to has() macro'],
    ['self.ls.all(self.i, true)', '1:17: argument must be a simple name'],
    ['if', '1:1: reserved identifier: if'],
    ['99999999999999999999', '1:1: invalid int literal'],
    ['Object{a: 1}', "1:7: undeclared reference to 'Object' (in container '')"],
    ['type(1) == timestamp', ''],
  ])('%s', (expression, expected) => {
    expect(said(expression)[0] ?? '').toBe(expected);
  });

  it('for names of types that are not there when it runs', () => {
    expect(problem('type(1) == timestamp')).toBe('reference to undefined type: timestamp');
  });
});

describe('the syntax of an expression is told as ANTLR does', () => {
  const beginnings = `{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`;
  it.each([
    ['self.i == ', `1:11: Syntax error: mismatched input '<EOF>' expecting ${beginnings}`],
    ['self.i ++ 1', `1:9: Syntax error: extraneous input '+' expecting ${beginnings}`],
    ['(self.i', "1:8: Syntax error: missing ')' at '<EOF>'"],
    ['dyn((1', "1:7: Syntax error: mismatched input '<EOF>' expecting ')'"],
    ['1)', "1:2: Syntax error: extraneous input ')' expecting <EOF>"],
    ['1 2 3', "1:3: Syntax error: mismatched input '2' expecting <EOF>"],
    ['self.ls.all(x x)', "1:15: Syntax error: extraneous input 'x' expecting ')'"],
    ['[1, 2', "1:6: Syntax error: mismatched input '<EOF>' expecting {']', ','}"],
    ['self.i = 1', "1:8: Syntax error: token recognition error at: '= '"],
    ["'a\\q'", "1:1: Syntax error: token recognition error at: ''a\\q'"],
    ['self.true', "1:6: Syntax error: mismatched input 'true' expecting IDENTIFIER"],
    ['self.', "1:6: Syntax error: no viable alternative at input '.'"],
    ['-!self.b', "1:2: Syntax error: no viable alternative at input '-!'"],
    ['a ? b', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
  ])('%s', (expression, expected) => {
    expect(said(expression)[0]).toBe(expected);
  });

  it('and its size and depth are limited', () => {
    expect(problem(`${'('.repeat(300)}1${')'.repeat(300)}`)).toContain('expression recursion limit exceeded: 250');
    expect(problem(`'${'x'.repeat(100_000)}'`)).toContain('exceeds limit: size: 100002, limit 100000');
    expect(problem(Array(16_000).fill('true').join('&&'))).toBe('bool');
    expect(problem(Array(300).fill('1').join('+'))).toContain('recursion limit');
  });
});

it('objects and patches are constructed where they may be', () => {
  const patching = new CelScope({ object: of('dyn') }, { withPatches: true });
  const type = (text: string) => checkCel(text, patching).type;

  expect(type('Object{spec: Object.spec{a: [1]}, ?b: object.?c}')).toBe('Object');
  expect(type('[JSONPatch{op: "add", path: jsonpatch.escapeKey("a/b")}]')).toBe('list(JSONPatch)');
  expect(() => type('JSONPatch{op: 1}')).toThrow("expected type of field 'op' is 'string' but provided type is 'int'");
});

it('an expression knows the variables that it uses, and what its value is declared as', () => {
  const checked = checkCel("oldSelf.s == 'self'", scope);

  expect([checked.uses('oldSelf'), checked.uses('self')]).toEqual([true, false]);
  expect(checkCel('{1: [self.s]}', scope).declaration).toMatchObject({
    kind: 'map',
    key: { kind: 'int' },
    element: { kind: 'list', element: { kind: 'string' } },
  });
});

describe('a short expression that stands for very much', () => {
  it('is refused when its macros say things again and again', () => {
    const chain = `optional.of(1)${'.optMap(x, x + 1)'.repeat(100)}`;
    expect(said(chain)).toEqual(['-1:0: expression size exceeds limit with its macros written out: 200000']);
    expect(() => compileCel(chain)).toThrow('expression size exceeds limit');
  });

  it('is refused when its types double with each step', () => {
    const chain = `[1]${'.map(x, {x: x})'.repeat(100)}`;
    expect(said(chain)).toEqual(['-1:0: types of the expression are too large to check']);
  });
});
