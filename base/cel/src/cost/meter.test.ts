import { describe, expect, it } from 'vitest';
import { compileCel } from '../compile.ts';
import { CelCostError, CelMeter } from './meter.ts';

const self = { i: 3, s: 'a'.repeat(25), ls: ['ab', 'cd', 'ef'], m: { a: 'x' }, o: { p: { q: 1 } } };

function cost(expression: string): number {
  const meter = new CelMeter(1_000_000);
  compileCel(expression, { isMetered: true, variables: ['self'] }).evaluate({ self }, meter);
  return meter.spent;
}

describe('the cost of an evaluation', () => {
  it.each([
    ['self.i == 1', 3],
    ['self.i + 1 > 2 && self.i < 9', 7],
    ["self.s == 'abc'", 3],
    ["self.s.startsWith('a')", 5],
    ["self.s.matches('^[a-z]+$')", 8],
    ['has(self.o.p.q)', 3],
    ['self.ls.size() == 3', 4],
    ["self.ls.all(x, x != '')", 15],
    ["self.ls.exists(x, x == 'cd')", 15],
    ["self.ls.exists_one(x, x == 'cd')", 14],
    ["self.ls.map(x, x + 'a').size() == 3", 57],
    ["self.ls.filter(x, x == 'ab').size() == 1", 36],
    ["'ab' in self.ls", 5],
    ["'a' in self.m", 3],
    ["self.i > 5 ? self.s == 'a' : self.i == 2", 6],
  ])('%s costs %i', (expression, expected) => {
    expect(cost(expression)).toBe(expected);
  });

  it('ends an evaluation at the limit, also inside of what takes errors for an answer', () => {
    const loop = compileCel('self.ls.all(x, self.ls.all(y, self.ls.all(z, x + y != z)))', { isMetered: true });
    expect(() => loop.evaluate({ self }, new CelMeter(100))).toThrow(CelCostError);
    const forgiving = compileCel('self.ls.map(x, self.s.contains(x)).size() > 99 || true', { isMetered: true });
    expect(() => forgiving.evaluate({ self }, new CelMeter(10))).toThrow('actual cost limit exceeded');
    expect(loop.evaluate({ self })).toBe(true);
  });
});
