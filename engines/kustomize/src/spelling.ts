import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { fieldOf, isObject, setField } from './json.ts';
import { plainScalar } from './plain-scalar.ts';

/**
 * kustomize works on YAML nodes and so knows how a scalar was written. Values do not, but in two places it shows:
 * annotations come out as the text that stood there (`1.10`), and a null that stood there as nothing at all (`key:`)
 * disappears when a patch is merged. Both are looked up in the manifest's text, by key, when they are needed.
 */
const explicitNull = /([\w./-]+)["']?\s*:\s+(?:null|Null|NULL|~)\s*(?:[,}\n#]|$)/g;

/** Keys that somewhere in the text have a null that is written out. */
export function explicitNullKeys(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(explicitNull)].map(([, key = '']) => key));
}

const timestamp = /^\d{4}-\d\d?-\d\d?/;

/** Makes texts of annotations that are not strings, spelled as in the manifest. */
export function spellAnnotations(object: JsonObject, text: string): void {
  const metadata = fieldOf(object, 'metadata');
  const annotations = isObject(metadata) ? fieldOf(metadata, 'annotations') : undefined;
  if (!isObject(annotations)) return;
  for (const key of Object.keys(annotations)) {
    const value = annotations[key] ?? null;
    if (typeof value === 'object' && value !== null) continue;
    if (typeof value === 'string' && !timestamp.test(value)) continue;
    const spelled = findSpelling(text, key, value);
    if (spelled !== undefined) setField(annotations, key, spelled);
  }
}

function findSpelling(text: string, key: string, value: JsonValue): string | undefined {
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const match = /^["']?\s*:[ \t]*([^\n,}#]*)/.exec(text.slice(at + key.length, at + key.length + 200));
    const written = match?.[1]?.trim();
    if (written !== undefined && plainScalar(written) === value) return written;
  }
  return undefined;
}
