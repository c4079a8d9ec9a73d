import { describe, expect, it } from 'vitest';
import { CelScope, checkCel } from '../check/checked.ts';
import type { CelDeclaration } from './declaration.ts';

function text(maxElements: number): CelDeclaration {
  return { kind: 'string', maxElements };
}

function object(fields: Record<string, CelDeclaration>): CelDeclaration {
  return { kind: 'object', maxElements: 0, fields: new Map(Object.entries(fields)) };
}

const int: CelDeclaration = { kind: 'int', maxElements: 0 };
const names: CelDeclaration = { kind: 'list', maxElements: 3, element: text(20) };
const item = object({ name: text(40), v: int, l: names });
const self = object({
  i: int,
  s: text(80),
  s2: text(200),
  ls: { kind: 'list', maxElements: 10, element: text(80) },
  lo: { kind: 'list', maxElements: 5, element: item },
  m: { kind: 'map', maxElements: 7, element: text(60) },
  any: { kind: 'dyn', maxElements: 40 },
});

function cost(expression: string): number {
  return checkCel(expression, new CelScope({ self, oldSelf: self }, { names: { self: 'T', oldSelf: 'T' } })).estimate(
    self,
  );
}

// Each of these was compared with what kube-apiserver 1.36 says of the same rule.
describe('the estimate of an expression', () => {
  it.each([
    ['self.i == 1', 2],
    ['self.s == self.s2', 12],
    ['has(self.s) && self.s.size() > 3', 5],
    ['self.s.startsWith(self.s2)', 24],
    ['self.s.contains(self.s2)', 164],
    ["self.s.matches('^[a-z]+$')", 20],
    ['self.ls.all(x, x == self.s)', 143],
    ["self.ls.exists(x, x.startsWith('a'))", 63],
    ["self.ls.exists_one(x, x == 'a')", 44],
    ["self.ls.map(x, x + 'a')[0] == 'foo'", 235],
    ["self.ls.filter(x, x == 'b').size() > 0", 165],
    ['self.lo.all(x, self.lo.exists_one(y, x.name == y.name))', 288],
    ["self.m.all(k, self.m[k] != '')", 52],
    ['self.s in self.ls', 14],
    ["self.s + self.s2 == 'foo'", 33],
    ["self.s.replace('a', 'bb') == 'c'", 19],
    ["self.s.split(',').map(p, p.trim()).join('-') == self.s", 1844674407370956300],
    ["self.ls.join(',') == 'a'", 84],
    ['self.ls.isSorted()', 92],
    ['self.ls.distinct().size() == 2', 215],
    ["self.ls.sort()[0] == 'a'", 224],
    ["self.ls.slice(0, 2).all(x, x == 'a')", 24],
    ["sets.contains(self.ls, ['a'])", 23],
    ["type(self.any) == int ? self.any > 3 : self.any.matches('a+')", 11],
    ["string(self.any) == 'a'", 7],
    ["self.?s.orValue('a') == 'b'", 4],
    ["self.?s.optMap(v, v + 'x').orValue('z') == 'q'", 1844674407370955300],
    ['[1, 2, 3].all(x, x == self.i)', 29],
    ['self == oldSelf', 2],
    ['-self.i < 3 || !(self.i in [1, 2])', 19],
  ])('%s costs %i', (expression, expected) => {
    expect(cost(expression)).toBe(expected);
  });

  it('takes the size of what a loop runs over when its body is done, as cel-go does', () => {
    // The way to `x.l` was overwritten by the way to `x.name`, which is longer.
    expect(cost('self.lo.all(x, x.l.exists(y, y == x.name))')).toBeGreaterThan(
      cost("self.lo.all(x, x.l.exists(y, y == 'a'))") * 5,
    );
  });

  it('has no bound for what no schema bounds', () => {
    expect(cost('string(self.i) == self.s.split(",").join("")')).toBeGreaterThan(10_000);
    expect(cost('dyn(self).nope.deep.all(x, x.contains(self.s))')).toBeGreaterThan(1e15);
  });
});
