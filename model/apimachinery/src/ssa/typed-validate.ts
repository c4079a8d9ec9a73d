import { quoteGo } from '@flux/gotypes';
import { printGo } from '../go-format.ts';
import type { JsonObject, JsonValue } from '../object.ts';
import type { Atom, ListAtom, MapAtom } from './atom.ts';
import { fieldElement, formatElement, indexElement } from './path-element.ts';
import { deduceAtom, formOf, isMap, isScalar, itemElement, type TypedError, type Value } from './typed.ts';

/** Checks that a value has the type of its schema, as server-side apply wants it (KUBE-SSA-06). */
export function validateTyped(value: Value, atom: Atom, allowDuplicates: boolean): TypedError[] {
  return validate(value, atom, '', allowDuplicates);
}

function validate(value: Value, open: Atom, path: string, allowDuplicates: boolean): TypedError[] {
  const atom = deduceAtom(open, value);
  switch (formOf(atom)) {
    case 'map':
      return validateMap(value, atom.map!, path, allowDuplicates);
    case 'list':
      return validateList(value, atom.list!, path, allowDuplicates);
    case 'scalar': {
      const message = scalarProblem(value, atom.scalar!);
      return message === undefined ? [] : [{ path, message }];
    }
  }
}

/** Why a value is no scalar of this type; absent and null are fine. */
export function scalarProblem(value: Value, type: NonNullable<Atom['scalar']>): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${printGo(value)}}`;
    case 'untyped':
      return isScalar(value) ? undefined : `expected any scalar, got &{${printGo(value)}}`;
  }
}

function goType(value: JsonValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

function goSyntax(value: JsonValue): string {
  if (typeof value === 'string') return quoteGo(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (value === null) return 'interface {}(nil)';
  if (typeof value !== 'object') return String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${quoteGo(key)}:${goSyntax(value[key] ?? null)}`);
  return `map[string]interface {}{${members.join(', ')}}`;
}

function validateMap(value: Value, map: MapAtom, path: string, allowDuplicates: boolean): TypedError[] {
  if (value === null) return [];
  if (value === undefined) return [{ path, message: 'expected map, got nil' }];
  if (!isMap(value)) return [{ path, message: `expected map, got &{${printGo(value)}}` }];
  return validateMembers(value, map, path, allowDuplicates);
}

/** An undeclared member ends the walk of its map. */
function validateMembers(value: JsonObject, map: MapAtom, path: string, allowDuplicates: boolean): TypedError[] {
  const errors: TypedError[] = [];
  for (const [key, member] of Object.entries(value)) {
    const memberPath = path + formatElement(fieldElement(key));
    const atom = map.field(key) ?? map.element;
    if (atom === undefined) return [...errors, { path: memberPath, message: 'field not declared in schema' }];
    errors.push(...validate(member, atom, memberPath, allowDuplicates));
  }
  return errors;
}

function validateList(value: Value, list: ListAtom, path: string, allowDuplicates: boolean): TypedError[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return [{ path, message: `expected list, got &{${printGo(value)}}` }];
  const errors: TypedError[] = [];
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    const element = list.isAtomic ? indexElement(index) : itemElement(list, item);
    if (typeof element !== 'string') return [...errors, { path, message: `element ${index}: ${element.problem}` }];
    if (seen.has(element) && !allowDuplicates) {
      errors.push({ path, message: `duplicate entries for key ${formatElement(element)}` });
    }
    seen.add(element);
    errors.push(...validate(item, list.element, path + formatElement(element), allowDuplicates));
  }
  return errors;
}
