import { fieldsOf } from './go-types.ts';
import type { GoType } from './go-value.ts';

type Members = Record<string, unknown>;

/** Places of members by the name of the Go struct. */
const places = new Map<string, { readonly [name: string]: Place }>();

interface Place {
  readonly at: number;
  readonly type: GoType;
}

/** A value of the struct with its members in the order in which Go writes them; maps are sorted. Unchanged parts stay. */
export function inGoOrder<T extends object>(definition: string, value: T): T {
  return orderStruct(definition, value as Members) as T;
}

function orderStruct(definition: string, members: Members): Members {
  const known = placesOf(definition);
  let last = -1;
  let isOrdered = true;
  let changes: Members | undefined;
  for (const [name, value] of Object.entries(members)) {
    const place = known[name];
    const at = place?.at ?? Number.MAX_SAFE_INTEGER;
    if (at < last) isOrdered = false;
    last = at;
    const ordered = place && typeof value === 'object' ? orderValue(place.type, value) : value;
    if (ordered !== value) changes = { ...changes, [name]: ordered };
  }
  if (isOrdered) return changes ? { ...members, ...changes } : members;
  const at = (name: string) => known[name]?.at ?? Number.MAX_SAFE_INTEGER;
  return rebuilt({ ...members, ...changes }, (a, b) => at(a) - at(b));
}

function placesOf(definition: string): { readonly [name: string]: Place } {
  let known = places.get(definition);
  if (!known) {
    const fields = fieldsOf(definition) ?? [];
    known = Object.assign(
      Object.create(null),
      Object.fromEntries(fields.map(({ name, type }, at) => [name, { at, type }])),
    );
    places.set(definition, known!);
  }
  return known!;
}

function orderValue(type: GoType, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  switch (type.kind) {
    case 'pointer':
      return orderValue(type.of, value);
    case 'list':
      return Array.isArray(value) ? orderItems(value, (item) => orderValue(type.of, item)) : value;
    case 'map':
      return orderMap(value as Members, (item) => orderValue(type.of, item));
    case 'struct':
      return Array.isArray(value) ? value : orderStruct(type.name, value as Members);
    case 'scalar':
      return value;
  }
}

function orderItems(list: readonly unknown[], order: (item: unknown) => unknown): readonly unknown[] {
  const ordered = list.map(order);
  return ordered.every((item, index) => item === list[index]) ? list : ordered;
}

function orderMap(members: Members, order: (item: unknown) => unknown): Members {
  let last = '';
  let isOrdered = true;
  let changes: Members | undefined;
  for (const [name, value] of Object.entries(members)) {
    if (name < last) isOrdered = false;
    last = name;
    const ordered = order(value);
    if (ordered !== value) changes = { ...changes, [name]: ordered };
  }
  if (isOrdered) return changes ? { ...members, ...changes } : members;
  return rebuilt({ ...members, ...changes }, (a, b) => (a < b ? -1 : 1));
}

/** Own `__proto__` members stay what they are. */
function rebuilt(members: Members, compare: (a: string, b: string) => number): Members {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => compare(a, b)));
}

/** A value whose members are sorted at every depth, as Go writes what it has no type for. */
export function inAlphabet<T>(value: T): T {
  return sorted(value) as T;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? orderItems(value, sorted) : orderMap(value as Members, sorted);
}
