import {
  fn,
  type GoFunction,
  type GoMap,
  isGoMap,
  isNilValue,
  sameType,
  setKey,
  sortedKeys,
  stringList,
  typeNameOf,
  Walk,
} from '@flux/gotemplate';
import { toText } from './cast.ts';
import { mergeMaps } from './merge.ts';

const has = (map: GoMap | undefined, key: string): map is GoMap => map !== undefined && Object.hasOwn(map, key);
const keysOf = (map: GoMap | undefined) => sortedKeys(map ?? {});
const merging = (overwrite: boolean) => {
  return (target: GoMap | undefined, ...sources: (GoMap | undefined)[]) => {
    return unnamed(
      sources.reduce<GoMap>((merged, source) => mergeMaps(merged, source ?? {}, overwrite), mapOf(target)),
    );
  };
};

/** What is nil becomes a map. */
function mapOf(target: GoMap | undefined): GoMap {
  return target === undefined || isNilValue(target) ? {} : target;
}

/** The same map as a `map[string]interface {}`, which is what a parameter makes of a named type such as that of `.Values`. */
function unnamed(map: GoMap): GoMap {
  return isPlainMap(map) ? map : new Proxy(map, {});
}

function isPlainMap(value: unknown): value is GoMap {
  return isGoMap(value) && typeNameOf(value) === 'map[string]interface {}';
}

/** Functions on maps. Go's order of `keys` and `values` is random; here it is that of the sorted keys. */
export const dictFunctions: Readonly<Record<string, GoFunction>> = {
  dict: fn('...any', makeDict),
  get: fn('map, string', (map: GoMap | undefined, key: string) => (has(map, key) ? map[key] : '')),
  set: fn('map, string, any', (map: GoMap | undefined, key: string, value: unknown) => {
    if (map === undefined || isNilValue(map)) throw new TypeError('assignment to entry in nil map');
    setKey(map, key, value ?? null);
    return unnamed(map);
  }),
  unset: fn('map, string', (map: GoMap | undefined, key: string) => {
    if (map !== undefined) delete map[key];
    return map === undefined ? undefined : unnamed(map);
  }),
  hasKey: fn('map, string', has),
  pluck: fn('string, ...map', (key: string, ...maps: (GoMap | undefined)[]) => {
    return maps.filter((map) => has(map, key)).map((map) => map?.[key] ?? null);
  }),
  keys: fn('...map', (...maps: (GoMap | undefined)[]) => stringList(maps.flatMap(keysOf))),
  values: fn('map', (map: GoMap | undefined) => keysOf(map).map((key) => map?.[key] ?? null)),
  pick: fn('map, ...string', (map: GoMap | undefined, ...keys: string[]) =>
    copyKeys(
      map,
      keys.filter((key) => has(map, key)),
    ),
  ),
  omit: fn('map, ...string', (map: GoMap | undefined, ...keys: string[]) => {
    return copyKeys(
      map,
      keysOf(map).filter((key) => !keys.includes(key)),
    );
  }),
  merge: fn('map, ...map', merging(false)),
  mustMerge: fn('map, ...map', merging(false)),
  mergeOverwrite: fn('map, ...map', merging(true)),
  mustMergeOverwrite: fn('map, ...map', merging(true)),
  deepCopy: fn('any', copyValue),
  mustDeepCopy: fn('any', copyValue),
  dig: fn('...any', dig),
};

function makeDict(...values: readonly unknown[]): GoMap {
  const map: GoMap = {};
  for (let index = 0; index < values.length; index += 2) {
    setKey(map, toText(values[index]), index + 1 < values.length ? (values[index + 1] ?? null) : '');
  }
  return map;
}

function copyKeys(map: GoMap | undefined, keys: readonly string[]): GoMap {
  const copy: GoMap = {};
  for (const key of keys) setKey(copy, key, map?.[key]);
  return copy;
}

function copyValue(value: unknown): unknown {
  if (value === undefined || value === null) throw new TypeError('reflect: call of reflect.Value.Type on zero Value');
  return copyDeep(value, new Walk('copied'), 0);
}

function copyDeep(value: unknown, walk: Walk, depth: number): unknown {
  walk.visit(depth);
  if (Array.isArray(value))
    return sameType(
      value,
      value.map((item) => copyDeep(item, walk, depth + 1)),
    );
  if (!isGoMap(value)) return value;
  const copy: GoMap = sameType(value, {});
  for (const key of Object.keys(value)) setKey(copy, key, copyDeep(value[key], walk, depth + 1));
  return copy;
}

function dig(...values: readonly unknown[]): unknown {
  if (values.length < 3) throw new TypeError('dig needs at least three arguments');
  let current: unknown = values.at(-1);
  const keys = values.slice(0, -2);
  for (const key of keys) {
    if (!isPlainMap(current)) throw conversion(current, 'map[string]interface {}');
    if (typeof key !== 'string') throw conversion(key, 'string');
    if (!Object.hasOwn(current, key)) return values.at(-2);
    current = current[key];
  }
  return current;
}

function conversion(value: unknown, wanted: string): TypeError {
  const actual = value === undefined || value === null ? 'nil' : typeNameOf(value);
  return new TypeError(`interface conversion: interface {} is ${actual}, not ${wanted}`);
}
