import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { type Holder, type Key, setField, writeSlot } from './json.ts';
import { plainScalar } from './plain-scalar.ts';
import { isoTimestamp } from './timestamp.ts';

/**
 * kustomize works on YAML nodes and so knows how a scalar was written. Values do not, but in a few places it shows: see the
 * functions below. What was written is looked up in the manifest's text, by key, when it is needed. Patterns look behind
 * their first word, so that a long one is not tried from each of its letters.
 */
const explicitNull = /(?<![\w./-])([\w./-]+)["']?\s*:\s+(?:null|Null|NULL|~)\s*(?:[,}\n#]|$)/g;

/** Keys that somewhere in the text have a null that is written out; one left empty does not survive a merge. */
export function explicitNullKeys(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(explicitNull)].map(([, key = '']) => key));
}

/** Labels or annotations come out as the text that stood there, such as `1.10`, even when it was no string. */
export function spellTexts(map: JsonObject, text: string): void {
  for (const key of Object.keys(map)) {
    const value = map[key] ?? null;
    if (typeof value === 'string' || (typeof value === 'object' && value !== null)) continue;
    const spelled = findSpelling(text, key, value);
    if (spelled !== undefined) setField(map, key, spelled);
  }
}

function findSpelling(text: string, key: string, value: JsonValue): string | undefined {
  for (const written of writtenAt(text, key)) if (plainScalar(written) === value) return written;
  return undefined;
}

/** Whether the text stands behind `key:` in quotes or as a block. */
export function isQuotedAt(text: string, key: string, value: string): boolean {
  for (const written of writtenAt(text, key)) {
    if (written === `"${value}"` || written === `'${value}'` || /^[|>]/.test(written)) return true;
  }
  return false;
}

/** What stands behind `key:` in the text, wherever it does. */
function* writtenAt(text: string, key: string): Generator<string> {
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const match = /^["']?\s*:[ \t]*([^\n,}#]*)/.exec(text.slice(at + key.length, at + key.length + 200));
    if (match !== null) yield (match[1] ?? '').trim();
  }
}

const mayHoldTimestamp = /[:\-[,][ \t]+\d{4}-\d\d?-\d\d?/;
const emptyInFlow = /(?<![\w./-])([\w./-]+)["']?\s*:\s*[,}]/g;

/**
 * When kustomize writes an object out, dates without quotes become full timestamps, and an empty value inside `{}` becomes
 * an empty text.
 */
export function settleScalars(object: JsonObject, text: string): void {
  const hasTimestamps = mayHoldTimestamp.test(text);
  const emptyKeys = text.includes('{')
    ? new Set([...text.matchAll(emptyInFlow)].map(([, key = '']) => key))
    : new Set();
  if (!hasTimestamps && emptyKeys.size === 0) return;
  const isUnquoted = unquotedTimestamps(text);
  visitScalars(object, (holder, key, value) => {
    if (value === null && emptyKeys.has(key)) writeSlot(holder, key, '');
    if (!hasTimestamps || typeof value !== 'string') return;
    const timestamp = isoTimestamp(value);
    if (timestamp !== undefined && isUnquoted(key, value)) writeSlot(holder, key, timestamp);
  });
}

function visitScalars(holder: Holder, visit: (holder: Holder, key: Key, value: JsonValue) => void): void {
  for (const key of Object.keys(holder)) {
    const value = Array.isArray(holder) ? holder[Number(key)] : holder[key];
    if (value === undefined) continue;
    if (typeof value === 'object' && value !== null) visitScalars(value, visit);
    else visit(holder, Array.isArray(holder) ? Number(key) : key, value);
  }
}

const timestampItem = /[-[,][ \t]+(\d{4}-\d\d?-\d\d?[^,\]\n#]*)/g;

/** Whether a timestamp stands in the text without quotes, by key or as an item; each key is looked up once. */
function unquotedTimestamps(text: string): (key: Key, value: string) => boolean {
  const byKey = new Map<string, ReadonlySet<string>>();
  let items: ReadonlySet<string> | undefined;
  return (key, value) => {
    if (typeof key !== 'string') {
      items ??= new Set([...text.matchAll(timestampItem)].map(([, written = '']) => written.trim()));
      return items.has(value);
    }
    const known = byKey.get(key) ?? new Set(writtenAt(text, key));
    byKey.set(key, known);
    return known.has(value);
  };
}
