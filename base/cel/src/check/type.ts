export type TypeKind =
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'parameter'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'uint';

/** A type of CEL's checker. */
export interface CelType {
  readonly kind: TypeKind;
  /** The name that the kind does not tell: of a struct, an opaque type or a parameter. */
  readonly name: string;
  readonly parameters: readonly CelType[];
  /** Members of a struct, by name. */
  field?(name: string): CelType | undefined;
}

function simple(kind: TypeKind, name: string = kind): CelType {
  return { kind, name, parameters: [] };
}

export const types = {
  bool: simple('bool'),
  bytes: simple('bytes'),
  double: simple('double'),
  duration: simple('duration', 'google.protobuf.Duration'),
  dyn: simple('dyn'),
  error: simple('error', '!error!'),
  int: simple('int'),
  null: simple('null', 'null_type'),
  string: simple('string'),
  timestamp: simple('timestamp', 'google.protobuf.Timestamp'),
  type: simple('type'),
  uint: simple('uint'),
} as const satisfies Readonly<Record<string, CelType>>;

export function listType(element: CelType): CelType {
  return { kind: 'list', name: 'list', parameters: [element] };
}

export function mapType(key: CelType, value: CelType): CelType {
  return { kind: 'map', name: 'map', parameters: [key, value] };
}

export function typeType(of: CelType): CelType {
  return { kind: 'type', name: 'type', parameters: [of] };
}

export function optionalType(of: CelType): CelType {
  return { kind: 'opaque', name: optionalName, parameters: [of] };
}

export function parameterType(name: string): CelType {
  return simple('parameter', name);
}

export function structType(name: string, field?: (name: string) => CelType | undefined): CelType {
  return { kind: 'struct', name, parameters: [], ...(field && { field }) };
}

export function opaqueType(name: string): CelType {
  return simple('opaque', name);
}

const optionalName = 'optional_type';

export function isOptional({ kind, name }: CelType): boolean {
  return kind === 'opaque' && name === optionalName;
}

/** What an optional holds, or the type itself. */
export function unwrapped(type: CelType): CelType {
  return isOptional(type) ? type.parameters[0]! : type;
}

export function isDynOrError({ kind }: CelType): boolean {
  return kind === 'dyn' || kind === 'error';
}

export function isText(type: CelType | undefined): boolean {
  return type?.kind === 'string' || type?.kind === 'bytes';
}

const scalars: ReadonlySet<TypeKind> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

/** Whether all values of a type are of one size. */
export function isScalar(type: CelType): boolean {
  return isOptional(type) ? isScalar(type.parameters[0]!) : scalars.has(type.kind);
}

/** Whether two types are the same to the letter; parameters may be told by their places only. */
export function isSameType(a: CelType, b: CelType, byName = true): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.parameters.length !== b.parameters.length) return false;
  if (a.name !== b.name && (byName || a.kind !== 'parameter')) return false;
  return a.parameters.every((parameter, index) => isSameType(parameter, b.parameters[index]!, byName));
}

const shortNames: Partial<Record<TypeKind, string>> = { duration: 'duration', timestamp: 'timestamp', null: 'null' };

/** A type as errors of the checker show it. */
export function showType({ kind, name, parameters }: CelType): string {
  const own = shortNames[kind] ?? name;
  return parameters.length === 0 ? own : `${own}(${parameters.map(showType).join(', ')})`;
}

/** A type as errors about the result of an expression show it. */
export function nameType({ name, parameters }: CelType): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(nameType).join(', ')})`;
}
