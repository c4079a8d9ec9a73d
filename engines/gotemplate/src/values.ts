import { compareCodePoints } from '@flux/gotypes';

/**
 * How Go values look here. nil inside a collection is null, "no value at all" is undefined; float64 is a number, every
 * integer kind is a `GoInt`, `[]byte` is a Uint8Array, slices are arrays, maps are plain objects. Slices and maps that
 * are not `[]interface {}` or `map[string]interface {}` carry their Go type in a side table; structs are `GoStruct`.
 */
export type IntegerKind = 'int' | 'int64' | 'uint8' | 'uint64';

export type Kind =
  | IntegerKind
  | 'invalid'
  | 'bool'
  | 'float64'
  | 'string'
  | 'slice'
  | 'map'
  | 'ptr'
  | 'struct'
  | 'func';

export type GoMap = Record<string, unknown>;

/** What a named integer type has besides its value. */
interface NamedInteger {
  text?: () => string;
  methods?: Readonly<Record<string, GoFunction>>;
}

/** An integer with its Go kind; YAML and JSON never make one. */
export class GoInt {
  readonly value: bigint;
  readonly kind: IntegerKind;
  readonly typeName: string;
  /** What the String method gives, as durations have. */
  readonly text: (() => string) | undefined;
  readonly methods: Readonly<Record<string, GoFunction>>;

  constructor(value: bigint | number, kind: IntegerKind = 'int', typeName: string = kind, own: NamedInteger = {}) {
    this.text = own.text;
    this.methods = own.methods ?? {};
    this.kind = kind;
    this.typeName = typeName;
    const bits = widths[kind];
    // The most frequent by far, and never too wide.
    if (bits === signed64 && Number.isSafeInteger(value)) this.value = BigInt(value);
    else if (bits < 0) this.value = BigInt.asUintN(-bits, BigInt(value));
    else this.value = BigInt.asIntN(bits, BigInt(value));
  }
}

const signed64 = 64;
/** Bits of each kind, those without a sign below zero. */
const widths: Readonly<Record<IntegerKind, number>> = {
  int: signed64,
  int64: signed64,
  uint64: -64,
  uint8: -8,
};

/** What a parameter of a function takes; `value` is Go's reflect.Value, which takes anything without conversion. */
export type ParameterType =
  | 'any'
  | 'value'
  | 'string'
  | 'int'
  | 'int64'
  | 'uint32'
  | 'float64'
  | 'bool'
  | 'map'
  | 'list'
  | 'time'
  | 'certificate';

/** A function of templates or a method: its signature as Go would show it, and the body. */
export interface GoFunction {
  readonly in: readonly ParameterType[];
  readonly variadic: boolean;
  readonly call: (...args: readonly never[]) => unknown;
}

const parameterTypes: Readonly<Record<ParameterType, string>> = {
  any: 'interface {}',
  value: 'reflect.Value',
  string: 'string',
  int: 'int',
  int64: 'int64',
  uint32: 'uint32',
  float64: 'float64',
  bool: 'bool',
  map: 'map[string]interface {}',
  list: '[]interface {}',
  time: 'time.Time',
  certificate: 'sprig.certificate',
};

export function parameterTypeName(type: ParameterType): string {
  return parameterTypes[type];
}

interface GoStructOptions {
  fields?: Readonly<Record<string, unknown>>;
  methods?: Readonly<Record<string, GoFunction>>;
  pointer?: boolean;
  /** What the String method gives. */
  text?: () => string;
  /** What the GoString method gives, which `%#v` shows. */
  syntax?: () => string;
  /** What a String method on the pointer gives: Go finds it only when the field itself is printed. */
  printText?: () => string;
  /** What is written as JSON instead of the fields. */
  json?: () => unknown;
  /** The names of fields in JSON where they differ. */
  jsonNames?: Readonly<Record<string, string>>;
}

/** A struct, or a pointer to one, whose fields and methods templates can reach. */
export class GoStruct {
  readonly typeName: string;
  readonly fields: ReadonlyMap<string, unknown>;
  readonly methods: ReadonlyMap<string, GoFunction>;
  readonly pointer: boolean;
  readonly text: (() => string) | undefined;
  readonly syntax: (() => string) | undefined;
  readonly printText: (() => string) | undefined;
  readonly jsonNames: Readonly<Record<string, string>>;
  readonly json: (() => unknown) | undefined;

  constructor(typeName: string, options: GoStructOptions = {}) {
    this.pointer = options.pointer ?? false;
    this.typeName = this.pointer ? `*${typeName}` : typeName;
    this.fields = new Map(Object.entries(options.fields ?? {}));
    this.methods = new Map(Object.entries(options.methods ?? {}));
    this.text = options.text;
    this.syntax = options.syntax;
    this.printText = options.printText;
    this.jsonNames = options.jsonNames ?? {};
    this.json = options.json;
  }
}

interface GoType {
  readonly name: string;
  readonly methods?: Readonly<Record<string, GoFunction>>;
  /** The value of a key that is not there, for maps whose elements are no interfaces. */
  readonly zero?: unknown;
  /** A nil map or slice: empty, and null in JSON. */
  readonly isNil?: boolean;
}

const goTypes = new WeakMap<object, GoType>();

/** Gives a slice or map the Go type that `printf "%T"` and error texts show, and methods. */
export function withGoType<T extends object>(value: T, type: GoType): T {
  goTypes.set(value, type);
  return value;
}

/** Gives a copy of a slice or map the Go type of the original. */
export function sameType<T extends object>(original: object, copy: T): T {
  const type = goTypes.get(original);
  if (type !== undefined) goTypes.set(copy, type);
  return copy;
}

/** Whether a map or slice stands for Go's nil. */
export function isNilValue(value: object): boolean {
  return goTypes.get(value)?.isNil ?? false;
}

/** A slice that is nil: it has no elements, and is null in JSON and YAML. */
export function nilList(name = '[]interface {}'): unknown[] {
  return withGoType([], { name, isNil: true });
}

/** A `[]string`. */
export function stringList(items: readonly string[]): string[] {
  return withGoType([...items], { name: '[]string' });
}

/** The element type of a slice or map: unknown elements are behind an interface. */
export function holdsInterfaces(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof GoStruct)
    return false;
  const name = goTypes.get(value)?.name;
  return name === undefined || name.endsWith(']interface {}') || name.endsWith('.Values');
}

export function typeNameOf(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int64';
  if (value instanceof GoInt || value instanceof GoStruct) return value.typeName;
  if (value instanceof Uint8Array) return '[]uint8';
  if (typeof value !== 'object') return 'func()';
  return goTypes.get(value)?.name ?? (Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}');
}

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'invalid';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'string') return 'string';
  if (value instanceof GoInt) return value.kind;
  if (value instanceof GoStruct) return value.pointer ? 'ptr' : 'struct';
  if (Array.isArray(value) || value instanceof Uint8Array) return 'slice';
  return isGoFunction(value) ? 'func' : 'map';
}

/** A map of Go, which here is an object that is nothing else. */
export function isGoMap(value: unknown): value is GoMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof GoInt) &&
    !(value instanceof GoStruct) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof DeclaredFunction)
  );
}

class DeclaredFunction implements GoFunction {
  readonly in: readonly ParameterType[];
  readonly variadic: boolean;
  readonly call: GoFunction['call'];

  constructor({ types, variadic }: Signature, call: GoFunction['call']) {
    this.in = types;
    this.variadic = variadic;
    this.call = call;
  }
}

interface Signature {
  readonly types: readonly ParameterType[];
  readonly variadic: boolean;
}

/** Few signatures stand for hundreds of functions. */
const signatures = new Map<string, Signature>();

/** Declares a function: `fn('string, ...any', (format, ...args) => …)`. */
export function fn(signature: string, call: (...args: never[]) => unknown): GoFunction {
  let parsed = signatures.get(signature);
  if (parsed === undefined) {
    parsed = parseSignature(signature);
    signatures.set(signature, parsed);
  }
  return new DeclaredFunction(parsed, call);
}

function parseSignature(signature: string): Signature {
  const names = signature === '' ? [] : signature.split(/,\s*/);
  const types = names.map((name) => name.replace(/^\.\.\./, ''));
  for (const type of types) if (!isParameterType(type)) throw new RangeError(`unknown parameter type ${type}`);
  return { types: types.filter(isParameterType), variadic: names.at(-1)?.startsWith('...') ?? false };
}

function isParameterType(name: string): name is ParameterType {
  return Object.hasOwn(parameterTypes, name);
}

export function isGoFunction(value: unknown): value is GoFunction {
  return value instanceof DeclaredFunction;
}

/** The method of a value, whether of a struct or of a named map type. */
export function methodOf(value: unknown, name: string): GoFunction | undefined {
  if (value instanceof GoStruct) return value.methods.get(name);
  if (value instanceof GoInt) return Object.hasOwn(value.methods, name) ? value.methods[name] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const methods = goTypes.get(value)?.methods;
  return methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined;
}

/** The value of a map under a key; of a missing key the zero value of the element type. */
export function mapElement(map: GoMap, key: string): unknown {
  return Object.hasOwn(map, key) ? (map[key] ?? null) : zeroElement(map);
}

/** What Go's `reflect.Zero` gives for the elements of a map or slice. */
function zeroElement(map: object): unknown {
  return goTypes.get(map)?.zero ?? null;
}

/** Sets an own key whatever its name; `__proto__` is an ordinary key. */
export function setKey(map: GoMap, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The keys of a map in the order in which Go ranges over and prints them: by bytes. */
export function sortedKeys(map: GoMap): string[] {
  return Object.keys(map).sort(compareCodePoints);
}

/** Go's truth: not zero, not empty, not nil; structs are always true. */
export function isTrue(value: unknown): boolean {
  if (value instanceof GoInt) return value.value !== 0n;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  if (isGoMap(value)) return Object.keys(value).length > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}
