/** The least and the most that something costs or holds; whole numbers that stop at `unlimited`. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Costs stop to grow here: the largest number of 64 bits. */
export const unlimited = 2 ** 64;

export const stringFactor = 0.1;
export const patternFactor = 0.25;

export const unknown: Range = { min: 0, max: unlimited };
export const nothing: Range = { min: 0, max: 0 };

export function fixed(value: number): Range {
  return { min: value, max: value };
}

function capped(value: number): number {
  return Math.min(value, unlimited);
}

export function plus(...ranges: readonly Range[]): Range {
  return ranges.reduce((sum, { min, max }) => ({ min: capped(sum.min + min), max: capped(sum.max + max) }), nothing);
}

export function times(a: Range, b: Range): Range {
  return { min: capped(a.min * b.min), max: capped(a.max * b.max) };
}

/** Multiplied and rounded up. */
export function scaled({ min, max }: Range, factor: number): Range {
  return { min: capped(Math.ceil(min * factor)), max: capped(Math.ceil(max * factor)) };
}

export function union(a: Range, b: Range): Range {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
