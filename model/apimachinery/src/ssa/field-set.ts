import { setMember } from '../deep.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import type { Atom } from './atom.ts';
import { compareElements, FieldsError, formatElement, type PathElement, parseElement } from './path-element.ts';

export type FieldPath = readonly PathElement[];

/**
 * A set of field paths as managedFields hold it. A path can be a member, lead to members below it, or both. Sets are
 * immutable once built: the operations answer new ones and share what did not change.
 */
export class FieldSet {
  readonly #members: Set<PathElement>;
  readonly #children: Map<PathElement, FieldSet>;

  constructor(members: Iterable<PathElement> = [], children: Iterable<readonly [PathElement, FieldSet]> = []) {
    this.#members = new Set(members);
    this.#children = new Map(children);
  }

  static of(...paths: FieldPath[]): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.insert(path);
    return set;
  }

  /** Only for building a set that nobody else holds yet. The empty path, the whole object, is never tracked. */
  insert(path: FieldPath): void {
    const last = path.at(-1);
    if (last === undefined) return;
    const parent = path.slice(0, -1).reduce<FieldSet>((set, element) => set.#childToBuild(element), this);
    parent.#members.add(last);
  }

  #childToBuild(element: PathElement): FieldSet {
    let child = this.#children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.#children.set(element, child);
    }
    return child;
  }

  get isEmpty(): boolean {
    if (this.#members.size > 0) return false;
    for (const child of this.#children.values()) if (!child.isEmpty) return false;
    return true;
  }

  has(path: FieldPath): boolean {
    const parent = path.slice(0, -1).reduce<FieldSet | undefined>((set, element) => set?.child(element), this);
    const last = path.at(-1);
    return last !== undefined && (parent?.hasMember(last) ?? false);
  }

  hasMember(element: PathElement): boolean {
    return this.#members.has(element);
  }

  child(element: PathElement): FieldSet | undefined {
    return this.#children.get(element);
  }

  get members(): Iterable<PathElement> {
    return this.#members;
  }

  get children(): Iterable<readonly [PathElement, FieldSet]> {
    return this.#children;
  }

  union(other: FieldSet): FieldSet {
    const children = new Map(this.#children);
    for (const [element, theirs] of other.#children) {
      const own = children.get(element);
      children.set(element, own === undefined ? theirs : own.union(theirs));
    }
    return new FieldSet([...this.#members, ...other.#members], children);
  }

  intersection(other: FieldSet): FieldSet {
    const children: [PathElement, FieldSet][] = [];
    for (const [element, own] of this.#children) {
      const theirs = other.#children.get(element);
      const both = theirs === undefined ? undefined : own.intersection(theirs);
      if (both !== undefined && !both.isEmpty) children.push([element, both]);
    }
    return new FieldSet(
      [...this.#members].filter((element) => other.#members.has(element)),
      children,
    );
  }

  /** Without the members of `other`; what lies below such a member stays. */
  difference(other: FieldSet): FieldSet {
    return this.#without(other, false);
  }

  /** Without the members of `other` and everything below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#without(other, true);
  }

  #without(other: FieldSet, recursive: boolean): FieldSet {
    const children: [PathElement, FieldSet][] = [];
    for (const [element, own] of this.#children) {
      if (recursive && other.#members.has(element)) continue;
      const theirs = other.#children.get(element);
      const rest = theirs === undefined ? own : own.#without(theirs, recursive);
      if (theirs === undefined || !rest.isEmpty) children.push([element, rest]);
    }
    return new FieldSet(
      [...this.#members].filter((element) => !other.#members.has(element)),
      children,
    );
  }

  /** Adds each declared struct field that leads to members, so that removing all it holds removes the field. */
  withNamedFields(atom: Atom | undefined): FieldSet {
    const members = new Set(this.#members);
    const children: [PathElement, FieldSet][] = [];
    for (const [element, child] of this.#children) {
      const name = element.startsWith('f:') ? element.slice(2) : undefined;
      if (name !== undefined && atom?.map?.field(name) !== undefined) members.add(element);
      children.push([element, child.withNamedFields(childAtom(atom, element))]);
    }
    return new FieldSet(members, children);
  }

  /** Every member, in the order of the server: the members of a level before what lies below. */
  paths(prefix: FieldPath = []): FieldPath[] {
    const own = [...this.#members].sort(compareElements).map((element) => [...prefix, element]);
    const below = [...this.#children]
      .sort(([a], [b]) => compareElements(a, b))
      .flatMap(([element, child]) => child.paths([...prefix, element]));
    return [...own, ...below];
  }

  toFieldsV1(): JsonObject {
    return this.#encode(false);
  }

  #encode(isMember: boolean): JsonObject {
    const result: JsonObject = {};
    if (isMember && (this.#members.size > 0 || this.#children.size > 0)) result['.'] = {};
    const elements = new Set([...this.#members, ...this.#children.keys()]);
    for (const element of [...elements].sort(compareElements)) {
      const child = this.#children.get(element);
      setMember<JsonValue>(result, element, child === undefined ? {} : child.#encode(this.#members.has(element)));
    }
    return result;
  }

  /** Throws a FieldsError for anything that is not fieldsV1. */
  static fromFieldsV1(fields: unknown): FieldSet {
    return decode(fields, 0)[0] ?? new FieldSet();
  }
}

/** Deeper than any schema; keeps hostile input from overflowing the stack. */
const maxDepth = 200;

function decode(fields: unknown, depth: number): [set: FieldSet | undefined, isMember: boolean] {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields) || depth > maxDepth) {
    throw new FieldsError('fieldsV1 is not made of objects');
  }
  let isMember = false;
  const members: PathElement[] = [];
  const children: [PathElement, FieldSet][] = [];
  for (const [key, below] of Object.entries(fields)) {
    if (key === '.') {
      isMember = true;
      continue;
    }
    const element = parseElement(key);
    if (element === undefined) continue;
    const [child, childIsMember] = decode(below, depth + 1);
    if (childIsMember) members.push(element);
    if (child !== undefined) children.push([element, child]);
  }
  const empty = members.length === 0 && children.length === 0;
  return [empty ? undefined : new FieldSet(members, children), isMember || empty];
}

function childAtom(atom: Atom | undefined, element: PathElement): Atom | undefined {
  if (element.startsWith('f:')) return atom?.map?.field(element.slice(2)) ?? atom?.map?.element;
  return element.startsWith('k:') ? atom?.list?.element : undefined;
}

/** `.spec.containers[name="a"].image`. */
export function formatPath(path: FieldPath): string {
  return path.map(formatElement).join('');
}
