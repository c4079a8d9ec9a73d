import { deepEqual } from '@flux/apimachinery';
import { findDuplicates } from '../decode/duplicates.ts';
import { invalid, invalidField } from '../status.ts';
import { stringifyJson } from '../storage/json.ts';

/** Duplicate members anywhere in the text of a patch, and members that a JSON patch operation does not have. */
export function patchProblems(text: string, document: unknown): string[] {
  const duplicates = findDuplicates(text, document);
  const problems = duplicates ? duplicateFields(document, '', duplicates) : [];
  if (!Array.isArray(document)) return problems;
  for (const [index, operation] of document.entries()) {
    for (const name of Object.keys((operation ?? {}) as object)) {
      if (!['op', 'path', 'from', 'value'].includes(name))
        problems.push(`json patch unknown field ${JSON.stringify(`[${index}].${name}`)}`);
    }
  }
  return problems;
}

function duplicateFields(value: unknown, path: string, duplicates: ReadonlyMap<object, ReadonlySet<string>>): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const problems: string[] = [];
  for (const [key, item] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    if (duplicates.get(value)?.has(key)) problems.push(`duplicate field ${JSON.stringify(at)}`);
    problems.push(...duplicateFields(item, at, duplicates));
  }
  return problems;
}

/** The answer to a patch after which the object is none of its kind: it shows what came out (KUBE-PATCH). */
export function unfitPatch(shown: string, detail: string) {
  return invalid({ group: '', kind: '' }, '', [invalidField('patch', shown, detail)]);
}

/** The JSON of a patched object: what the patch touched has its members sorted, as all have without a live object. */
export function showPatched(changed: unknown, live: unknown): string {
  return stringifyJson(sortTouched(changed, live));
}

function sortTouched(changed: unknown, live: unknown): unknown {
  if (typeof changed !== 'object' || changed === null || deepEqual(changed, live)) return changed;
  const before = (live ?? {}) as Record<string, unknown>;
  if (Array.isArray(changed)) return changed.map((item, index) => sortTouched(item, before[index]));
  const members = Object.entries(changed).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, item]) => [key, sortTouched(item, before[key])]));
}

/** A value as Go's `%v` prints it, which is how the server shows a strategic merge patch. */
export function showGoValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showGoValue).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return value === null ? '<nil>' : String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, item]) => `${key}:${showGoValue(item)}`).join(' ')}]`;
}

/** Strategic patches are not decoded from JSON, so the same mistake is worded differently. */
export function conversionProblem(detail: string): string {
  const match = /cannot unmarshal (\w+) into Go struct field .* of type (a list|an object|\w+)$/.exec(detail);
  if (!match) return detail;
  if (match[2] !== 'a list' && match[2] !== 'an object') return `unrecognized type: ${match[2]}`;
  const kind =
    match[1] === 'object' ? 'map' : match[1] === 'array' ? 'slice' : match[1] === 'number' ? 'int64' : match[1];
  return match[2] === 'a list' ? `cannot restore slice from ${kind}` : `cannot restore struct from: ${kind}`;
}
