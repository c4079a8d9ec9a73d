import { fn, type GoFunction, type GoInt, holdsInterfaces, nilList, typeNameOf, withGoType } from '@flux/gotemplate';
import { elementsOf, isEmpty, toBigInt, toNumber } from './cast.ts';
import { deepEqual } from './deep-equal.ts';

const slicing = (kind: string) => `list should be type of slice or array but ${kind}`;
const cannotFind = (name: string) => (kind: string) => `Cannot find ${name} on type ${kind}`;

const push = (list: unknown, value: unknown) => [
  ...elementsOf(list, (kind) => `Cannot push on type ${kind}`),
  value ?? null,
];
const prepend = (list: unknown, value: unknown) => [
  value ?? null,
  ...elementsOf(list, (kind) => `Cannot prepend on type ${kind}`),
];
const first = (list: unknown) => elementsOf(list, cannotFind('first'))[0];
const last = (list: unknown) => elementsOf(list, cannotFind('last')).at(-1);
const rest = (list: unknown) => orNil(elementsOf(list, cannotFind('rest')), (items) => items.slice(1));
const initial = (list: unknown) => orNil(elementsOf(list, cannotFind('initial')), (items) => items.slice(0, -1));
const reverse = (list: unknown) => [...elementsOf(list, cannotFind('reverse'))].reverse();
const compact = (list: unknown) =>
  elementsOf(list, (kind) => `Cannot compact on type ${kind}`).filter((item) => !isEmpty(item));
const contains = (list: readonly unknown[], value: unknown) => list.some((item) => deepEqual(value, item));

/** Functions on slices; each has a twin with `must` in front, which here does the same. */
export const listFunctions: Readonly<Record<string, GoFunction>> = {
  list: fn('...any', (...values: unknown[]) => values.map((value) => value ?? null)),
  tuple: fn('...any', (...values: unknown[]) => values.map((value) => value ?? null)),
  append: fn('any, any', push),
  push: fn('any, any', push),
  prepend: fn('any, any', prepend),
  first: fn('any', first),
  last: fn('any', last),
  rest: fn('any', rest),
  initial: fn('any', initial),
  reverse: fn('any', reverse),
  compact: fn('any', compact),
  uniq: fn('any', unique),
  without: fn('any, ...any', (list: unknown, ...omitted: unknown[]) => {
    return elementsOf(list, cannotFind('without')).filter((item) => !contains(omitted, item));
  }),
  has: fn('any, any', (value: unknown, list: unknown) => {
    return list !== undefined && list !== null && contains(elementsOf(list, cannotFind('has')), value);
  }),
  slice: fn('any, ...any', slice),
  concat: fn('...any', (...lists: unknown[]) => {
    return orNil(
      lists.flatMap((list) => elementsOf(list, (kind) => `Cannot concat type ${kind} as list`)),
      (items) => items,
    );
  }),
  chunk: fn('int, any', chunk),
};

/** `mustFirst` and the like: errors instead of panics in Go, which templates cannot tell apart. */
export const mustListFunctions: Readonly<Record<string, GoFunction>> = Object.fromEntries(
  [
    'append',
    'push',
    'prepend',
    'first',
    'last',
    'rest',
    'initial',
    'reverse',
    'compact',
    'uniq',
    'without',
    'has',
    'slice',
    'chunk',
  ].map((name) => [`must${name[0]?.toUpperCase()}${name.slice(1)}`, listFunctions[name]!]),
);

/** Of an empty slice Go makes nil. */
function orNil(items: unknown[], make: (items: unknown[]) => unknown[]): unknown[] {
  return items.length === 0 ? nilList() : make(items);
}

function unique(list: unknown): unknown[] {
  const kept: unknown[] = [];
  for (const item of elementsOf(list, cannotFind('uniq'))) if (!contains(kept, item)) kept.push(item);
  return kept;
}

function slice(list: unknown, ...indexes: readonly unknown[]): unknown {
  const items = elementsOf(list, slicing);
  if (items.length === 0) return undefined;
  const start = indexes.length > 0 ? Number(toBigInt(indexes[0])) : 0;
  const end = indexes.length > 1 ? Number(toBigInt(indexes[1])) : items.length;
  if (start < 0 || end < start || end > items.length)
    throw new RangeError('reflect.Value.Slice: slice index out of bounds');
  if (list instanceof Uint8Array) return list.subarray(start, end);
  const part = items.slice(start, end);
  return holdsInterfaces(list) ? part : withGoType(part, { name: typeNameOf(list) });
}

function chunk(sizeValue: GoInt, list: unknown): unknown[] {
  const size = toNumber(sizeValue);
  const items = elementsOf(list, (kind) => `Cannot chunk type ${kind}`);
  if (size <= 0 && items.length > 0) throw new RangeError('runtime error: makeslice: len out of range');
  const chunks: unknown[] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return withGoType(chunks, { name: '[][]interface {}' });
}
