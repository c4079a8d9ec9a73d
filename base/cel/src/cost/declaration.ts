/** Kinds of values as CEL's checker knows them. */
export type CelKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'duration'
  | 'timestamp'
  | 'null'
  | 'dyn'
  | 'list'
  | 'map'
  | 'object'
  | 'optional'
  | 'opaque';

/** The type of a value, and how large it can get. */
export interface CelDeclaration {
  readonly kind: CelKind;
  /** Most items, entries or characters; 0 where nothing is counted. */
  readonly maxElements: number;
  /** Values of lists and maps, and what an optional holds. */
  readonly element?: CelDeclaration | undefined;
  /** Members of objects. */
  readonly fields?: ReadonlyMap<string, CelDeclaration>;
  /** Which opaque type. */
  readonly name?: string;
}

export const dyn: CelDeclaration = { kind: 'dyn', maxElements: 0 };

export function simple(kind: CelKind, name?: string): CelDeclaration {
  return { kind, maxElements: 0, ...(name === undefined ? {} : { name }) };
}

export function listOf(element: CelDeclaration): CelDeclaration {
  return { kind: 'list', maxElements: 0, element };
}

export function optionalOf(element: CelDeclaration): CelDeclaration {
  return { kind: 'optional', maxElements: 0, element };
}

export function isText(type: CelDeclaration | undefined): boolean {
  return type?.kind === 'string' || type?.kind === 'bytes';
}

const scalars = new Set<CelKind>(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

/** Values of such a type are of one size. */
export function isScalar({ kind, element }: CelDeclaration): boolean {
  return kind === 'optional' ? element !== undefined && isScalar(element) : scalars.has(kind);
}
