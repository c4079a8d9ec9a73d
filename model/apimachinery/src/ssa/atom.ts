import type { JsonValue } from '../object.ts';
import { propertySchema, type Schema } from '../schema.ts';

/** What a structured merge may treat a value as; several when the schema leaves the type open. */
export interface Atom {
  readonly scalar?: 'numeric' | 'string' | 'boolean' | 'untyped';
  readonly list?: ListAtom;
  readonly map?: MapAtom;
}

export interface ListAtom {
  readonly isAtomic: boolean;
  /** Keys of a list map; empty for a set (or an atomic list). */
  readonly keys: readonly string[];
  readonly sortedKeys: readonly string[];
  readonly element: Atom;
}

export interface MapAtom {
  readonly isAtomic: boolean;
  /** True when members have no declared type at all, neither by name nor by a schema for all of them. */
  readonly isDeduced: boolean;
  field(name: string): Atom | undefined;
  defaultOf(name: string): JsonValue | undefined;
  /** The type of undeclared members; undefined when they are not allowed. */
  readonly element: Atom | undefined;
}

function none(): undefined {
  return undefined;
}

/** Anything, always replaced as a whole. */
const untypedAtomic: Atom = {
  scalar: 'untyped',
  list: {
    isAtomic: true,
    keys: [],
    sortedKeys: [],
    get element() {
      return untypedAtomic;
    },
  },
  map: {
    isAtomic: true,
    isDeduced: true,
    field: none,
    defaultOf: none,
    get element() {
      return untypedAtomic;
    },
  },
};

/** Anything; maps merge by key, lists are replaced. Also the type of custom resources without a schema. */
export const deducedAtom: Atom = {
  scalar: 'untyped',
  list: { isAtomic: true, keys: [], sortedKeys: [], element: untypedAtomic },
  map: {
    isAtomic: false,
    isDeduced: true,
    field: none,
    defaultOf: none,
    get element() {
      return deducedAtom;
    },
  },
};

const known = { plain: new WeakMap<Schema, Atom>(), preserving: new WeakMap<Schema, Atom>() };

/** How a structured merge reads a schema. `preserve`: an ancestor keeps unknown fields, which named types do not inherit. */
export function atomOf(schema: Schema, preserve = false): Atom {
  const preserving = schema.preserveUnknownFields === true || (preserve && schema.definition === undefined);
  const cache = preserving ? known.preserving : known.plain;
  let atom = cache.get(schema);
  if (atom === undefined) {
    atom = readAtom(schema, preserving);
    cache.set(schema, atom);
  }
  return atom;
}

function readAtom(schema: Schema, preserve: boolean): Atom {
  switch (schema.type) {
    case 'object':
      return { map: new SchemaMap(schema, preserve) };
    case 'array':
      return { list: new SchemaList(schema, preserve) };
    case 'integer':
    case 'number':
      return { scalar: 'numeric' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped' };
    default:
      return { scalar: 'untyped', list: new SchemaList(schema, preserve), map: new SchemaMap(schema, preserve) };
  }
}

class SchemaMap implements MapAtom {
  readonly isAtomic: boolean;
  readonly isDeduced: boolean;
  readonly #schema: Schema;
  readonly #preserve: boolean;

  constructor(schema: Schema, preserve: boolean) {
    this.#schema = schema;
    this.#preserve = preserve;
    this.isAtomic = schema.mapType === 'atomic';
    this.isDeduced = isDeduced(schema);
  }

  field(name: string): Atom | undefined {
    const property = propertySchema(this.#schema, name);
    return property === undefined ? undefined : atomOf(property, this.#preserve);
  }

  defaultOf(name: string): JsonValue | undefined {
    return propertySchema(this.#schema, name)?.default;
  }

  get element(): Atom | undefined {
    const { additionalProperties, properties } = this.#schema;
    if (typeof additionalProperties === 'object') return atomOf(additionalProperties, this.#preserve);
    if (additionalProperties !== undefined) return additionalProperties ? deducedAtom : undefined;
    const isFree = this.#preserve || properties === undefined || Object.keys(properties).length === 0;
    return isFree ? deducedAtom : undefined;
  }
}

/** No property is declared and the other members have no type of their own. */
function isDeduced({ properties, additionalProperties }: Schema): boolean {
  if (properties !== undefined && Object.keys(properties).length > 0) return false;
  if (typeof additionalProperties !== 'object') return additionalProperties !== false;
  return additionalProperties.definition === undefined && additionalProperties.type === undefined;
}

class SchemaList implements ListAtom {
  readonly isAtomic: boolean;
  readonly keys: readonly string[];
  readonly sortedKeys: readonly string[];
  readonly #schema: Schema;
  readonly #preserve: boolean;

  constructor(schema: Schema, preserve: boolean) {
    this.#schema = schema;
    this.#preserve = preserve;
    const [isAtomic, keys] = listRelationship(schema);
    this.isAtomic = isAtomic;
    this.keys = keys;
    this.sortedKeys = [...keys].sort();
  }

  get element(): Atom {
    const { items } = this.#schema;
    return items === undefined ? untypedAtomic : atomOf(items, this.#preserve);
  }
}

/** A list type counts first, then a patch strategy with its merge key; without both a list is atomic. */
function listRelationship(schema: Schema): [isAtomic: boolean, keys: readonly string[]] {
  switch (schema.listType) {
    case 'set':
      return [false, []];
    case 'map':
      return [false, schema.listMapKeys ?? []];
    case 'atomic':
      return [true, []];
    default: {
      const merges = schema.patchStrategy === 'merge' || schema.patchStrategy === 'merge,retainKeys';
      return [!merges, merges && schema.patchMergeKey !== undefined ? [schema.patchMergeKey] : []];
    }
  }
}
