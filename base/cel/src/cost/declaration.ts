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
  /** Keys of maps, when they are not texts. */
  readonly key?: CelDeclaration;
  /** Members of objects. */
  readonly fields?: ReadonlyMap<string, CelDeclaration>;
  /** Which opaque type, or the name of an object that has one wherever it stands. */
  readonly name?: string;
}
