import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { formatYaml } from '@flux/yaml';
import type { FieldOptions, ReplacementTarget } from '../config/kustomization.ts';
import type { CopyBudget } from '../copy-budget.ts';
import { BuildError } from '../errors.ts';
import { cloneJson, nodeKind, readSlot, scalarText, writeSlot } from '../json.ts';
import { goJson } from '../json-text.ts';
import { editYamlText } from '../merge/edit-yaml-text.ts';
import { lookupPath, type MatchCreate, matchPath, type Slot, splitFieldPath } from '../merge/path-match.ts';
import { plainScalar } from '../plain-scalar.ts';
import { readManifest } from '../read-yaml.ts';
import type { Resource } from '../resource.ts';

/** Writes a value to the fields of one target; a path may go on inside YAML or JSON text. */
export function copyToTarget(
  resource: Resource,
  value: JsonValue,
  target: ReplacementTarget,
  copies: CopyBudget,
): void {
  const paths = target.fieldPaths.length === 0 ? ['metadata.name'] : target.fieldPaths;
  for (const path of paths) {
    const create: MatchCreate = target.options?.create ? nodeKind(value) : undefined;
    const parts = splitFieldPath(path);
    const write: Write = {
      value,
      options: target.options,
      copies,
      onMisfit: (problem) => (resource.defect ??= problem),
    };
    if (setInText(resource.object, parts, write)) continue;
    for (const slot of findSlots(resource.object, parts, path, create)) setSlot(slot, write);
    resource.shared?.settle();
  }
}

function findSlots(object: JsonObject, parts: readonly string[], path: string, create: MatchCreate): Slot[] {
  const what = create === undefined ? 'find' : 'find or create';
  const problem = `unable to ${what} field "${path}" in replacement target`;
  let slots: Slot[];
  try {
    slots = matchPath({ holder: [object], key: 0, isNew: false }, parts, create);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new BuildError(`${problem}: ${error.message}`, { cause: error });
  }
  if (slots.length === 0) throw new BuildError(problem);
  return slots;
}

/** What is written to a place. */
interface Write {
  readonly value: JsonValue;
  readonly options: FieldOptions | undefined;
  readonly copies: CopyBudget;
  /** Told when a text does not fit the type of the scalar it replaces; kustomize finds that only at the end. */
  onMisfit(problem: string): void;
}

function setSlot(slot: Slot, write: Write): void {
  const { value, options, copies } = write;
  copies.charge(value, 'a replacement');
  const current = readSlot(slot.holder, slot.key);
  const isScalar = typeof current !== 'object' || current === null;
  const delimited = options !== undefined && options.delimiter !== '';
  if (delimited && !isScalar) throw new BuildError('delimiter option can only be used with scalar nodes');
  if (!isScalar) {
    writeSlot(slot.holder, slot.key, cloneJson(value));
    return;
  }
  // what stays around the part is written anew too
  if (delimited && typeof current === 'string') copies.chargeText(current.length, 'a replacement');
  const text = delimited
    ? splice(current === null && !slot.isNew ? 'null' : scalarText(current), scalarText(value), options)
    : scalarText(value);
  writeSlot(slot.holder, slot.key, slot.isNew ? plainScalar(text) : typed(current, text, write));
}

function splice(current: string, part: string, { delimiter, index }: FieldOptions): string {
  const parts = current.split(delimiter);
  if (index < 0) parts.unshift(part);
  else if (index >= parts.length) parts.push(part);
  else parts[index] = part;
  return parts.join(delimiter);
}

/** Only the text of a scalar is replaced; its type stays and must fit. */
function typed(current: JsonValue | undefined, text: string, { onMisfit }: Write): JsonValue {
  if (typeof current === 'string' || current === undefined) return text;
  const value = plainScalar(text);
  if (typeof value === typeof current && (value === null) === (current === null)) return value;
  if (isNumber(value) && isNumber(current)) return value;
  onMisfit(`map[string]interface {}(nil): yaml: cannot decode ${yamlTag(value)} \`${text}\` as a ${yamlTag(current)}`);
  return text;
}

function isNumber(value: JsonValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function yamlTag(value: JsonValue): string {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'string') return '!!str';
  return typeof value === 'bigint' || Number.isInteger(value) ? '!!int' : '!!float';
}

/** Sets a field inside YAML or JSON text; false when the path does not lead through such a text. */
function setInText(object: JsonObject, parts: readonly string[], write: Write): boolean {
  const create: MatchCreate = write.options?.create ? nodeKind(write.value) : undefined;
  for (let length = 1; length < parts.length; length++) {
    const place = attempt(() => lookupPath(object, parts.slice(0, length)));
    if (place === undefined || place === null || typeof place === 'object') continue;
    const text = scalarText(place);
    const document = attempt(() => readManifest(text));
    if (document === undefined) continue;
    const inner = parts.slice(length);
    const holder: JsonValue[] = [cloneJson(document)];
    const slots = attempt(() => matchPath({ holder, key: 0, isNew: false }, inner, create));
    if (slots === undefined || slots.length === 0) return false;
    const fits = setAll(slots, write);
    if (fits === undefined) return false;
    // Where a text does not fit the type that it replaces, the whole text stays as it is.
    if (!fits) return true;
    const parent = lookupPath(object, parts.slice(0, length - 1));
    return writeText(parent, parts[length - 1] ?? '', place, formatLike(text, holder[0] ?? null, inner));
  }
  return false;
}

/** Whether the value fits all places; undefined when it cannot be set at all. */
function setAll(slots: readonly Slot[], write: Write): boolean | undefined {
  let fits = true;
  const inner: Write = {
    ...write,
    onMisfit() {
      fits = false;
    },
  };
  const done = attempt(() => {
    for (const slot of slots) setSlot(slot, inner);
    return true;
  });
  return done === undefined ? undefined : fits;
}

function writeText(parent: JsonValue | undefined, last: string, previous: JsonValue, text: string): boolean {
  if (typeof parent !== 'object' || parent === null) return false;
  const key = Array.isArray(parent) ? parent.indexOf(previous) : last;
  writeSlot(parent, key, text);
  return true;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof FluxError) return undefined;
    throw error;
  }
}

/** JSON stays JSON (indented if it was); YAML is edited in place where that is possible, else written anew. */
function formatLike(original: string, value: JsonValue, path: readonly string[]): string {
  const first = original.trim()[0];
  if (first !== '{' && first !== '[') {
    const edited = editYamlText(original, path, scalarText(attempt(() => lookupPath(value, path))));
    return edited ?? formatYaml(value).trim();
  }
  const indented = original.includes('\n') && original.includes('  ');
  return goJson(value, indented ? '  ' : '');
}
