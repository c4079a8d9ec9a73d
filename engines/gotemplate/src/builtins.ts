import { byteLength, bytesOf, textOf } from './byte-text.ts';
import { equalsAny, isLess, isLessOrEqual } from './compare.ts';
import { escapeHtml, escapeQuery, escapeScript } from './escape.ts';
import { sprint, sprintln } from './print.ts';
import { sprintf } from './printf.ts';
import {
  fn,
  type GoFunction,
  GoInt,
  holdsInterfaces,
  isGoFunction,
  isGoMap,
  isTrue,
  mapElement,
  stringList,
  typeNameOf,
} from './values.ts';

/** The functions that every template has. `and` and `or` are here for their names; execution treats them on its own. */
export const builtins: ReadonlyMap<string, GoFunction> = new Map<string, GoFunction>([
  ['and', fn('value, ...value', (...values: unknown[]) => values.find((value) => !isTrue(value)) ?? values.at(-1))],
  ['or', fn('value, ...value', (...values: unknown[]) => values.find(isTrue) ?? values.at(-1))],
  ['not', fn('value', (value: unknown) => !isTrue(value))],
  ['call', fn('value, ...value', callValue)],
  ['html', fn('...any', (...values: unknown[]) => escapeHtml(joined(values)))],
  ['js', fn('...any', (...values: unknown[]) => escapeScript(joined(values)))],
  ['urlquery', fn('...any', (...values: unknown[]) => escapeQuery(joined(values)))],
  ['index', fn('value, ...value', (item: unknown, ...indexes: unknown[]) => indexValue(item, indexes))],
  ['slice', fn('value, ...value', (item: unknown, ...indexes: unknown[]) => sliceValue(item, indexes))],
  ['len', fn('value', lengthOf)],
  ['print', fn('...any', (...values: unknown[]) => sprint(values))],
  ['printf', fn('string, ...any', (format: string, ...values: unknown[]) => sprintf(format, values))],
  ['println', fn('...any', (...values: unknown[]) => sprintln(values))],
  ['eq', fn('value, ...value', (first: unknown, ...others: unknown[]) => equalsAny(first, others))],
  ['ne', fn('value, value', (left: unknown, right: unknown) => !equalsAny(left, [right]))],
  ['lt', fn('value, value', isLess)],
  ['le', fn('value, value', isLessOrEqual)],
  ['gt', fn('value, value', (left: unknown, right: unknown) => !isLessOrEqual(left, right))],
  ['ge', fn('value, value', (left: unknown, right: unknown) => !isLess(left, right))],
]);

function joined(values: readonly unknown[]): string {
  const [only] = values;
  return values.length === 1 && typeof only === 'string' ? only : sprint(values.map((value) => value ?? '<no value>'));
}

function callValue(name: string, fun: unknown, ...args: unknown[]): unknown {
  if (fun === undefined || fun === null) throw new TypeError('call of nil');
  if (!isGoFunction(fun)) throw new TypeError(`non-function ${name} of type ${typeNameOf(fun)}`);
  return Reflect.apply(fun.call, undefined, args);
}

function indexValue(item: unknown, indexes: readonly unknown[]): unknown {
  if (item === undefined || item === null) throw new TypeError('index of untyped nil');
  return indexes.reduce((current, index) => indexOnce(current, index), item);
}

function indexOnce(item: unknown, index: unknown): unknown {
  if (item === undefined || item === null) throw new TypeError('index of nil pointer');
  if (isGoMap(item)) {
    if (typeof index === 'string') return mapElement(item, index);
    if (index === undefined || index === null) throw new TypeError('value is nil; should be of type string');
    throw new TypeError(`value has type ${typeNameOf(index)}; should be string`);
  }
  if (typeof item === 'string') return new GoInt(elementAt(bytesOf(item), index, 'string'), 'uint8');
  if (item instanceof Uint8Array) return new GoInt(elementAt(item, index, 'slice'), 'uint8');
  if (Array.isArray(item)) return elementAt(item, index, 'slice') ?? (holdsInterfaces(item) ? null : '');
  throw new TypeError(`can't index item of type ${typeNameOf(item).replace(/^\*/, '')}`);
}

function elementAt<T>(items: ArrayLike<T>, index: unknown, what: string): T {
  const position = indexArgument(index, items.length);
  if (position >= items.length) throw new RangeError(`reflect: ${what} index out of range`);
  return items[position]!;
}

function indexArgument(index: unknown, capacity: number): number {
  if (index === undefined || index === null) throw new TypeError('cannot index slice/array with nil');
  if (!(index instanceof GoInt)) throw new TypeError(`cannot index slice/array with type ${typeNameOf(index)}`);
  if (index.value < 0n || index.value > BigInt(capacity)) throw new RangeError(`index out of range: ${index.value}`);
  return Number(index.value);
}

function sliceValue(item: unknown, indexes: readonly unknown[]): unknown {
  if (item === undefined || item === null) throw new TypeError('slice of untyped nil');
  if (indexes.length > 3) throw new TypeError(`too many slice indexes: ${indexes.length}`);
  if (typeof item === 'string' && indexes.length === 3) throw new TypeError('cannot 3-index slice a string');
  const source = typeof item === 'string' ? bytesOf(item) : item;
  if (!Array.isArray(source) && !(source instanceof Uint8Array))
    throw new TypeError(`can't slice item of type ${typeNameOf(item)}`);
  const [start = 0, end = source.length, capacity = source.length] = indexes.map((index) =>
    indexArgument(index, source.length),
  );
  if (start > end) throw new RangeError(`invalid slice index: ${start} > ${end}`);
  if (end > capacity) throw new RangeError(`invalid slice index: ${end} > ${capacity}`);
  if (typeof item === 'string') return textOf(bytesOf(item).subarray(start, end));
  const part = source.slice(start, end);
  return typeNameOf(item) === '[]string' && Array.isArray(part) ? stringList(part.map(String)) : part;
}

function lengthOf(item: unknown): GoInt {
  if (item === undefined || item === null) throw new TypeError('reflect: call of reflect.Value.Type on zero Value');
  if (typeof item === 'string') return new GoInt(byteLength(item));
  if (Array.isArray(item) || item instanceof Uint8Array) return new GoInt(item.length);
  if (isGoMap(item)) return new GoInt(Object.keys(item).length);
  throw new TypeError(`len of type ${typeNameOf(item).replace(/^\*/, '')}`);
}
