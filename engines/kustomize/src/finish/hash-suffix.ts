import { createHash } from 'node:crypto';
import type { JsonValue } from '@flux/apimachinery';
import { fieldOf, isObject, scalarText } from '../json.ts';
import { goJson } from '../json-text.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';

const letters: Readonly<Record<string, string>> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };

/** Appends the content hash to the names of generated resources that want one. */
export function addHashSuffixes(resources: ResourceSet): void {
  let changed = false;
  for (const resource of resources.resources) {
    if (!resource.needsHash) continue;
    const hash = contentHash(resource);
    resource.storePreviousId();
    resource.name = `${resource.name}-${hash}`;
    changed = true;
  }
  if (changed) resources.idsChanged();
}

/** kustomize's hash of a ConfigMap or Secret: ten characters of SHA-256 without vowels and look-alikes. */
function contentHash(resource: Resource): string {
  const hex = createHash('sha256')
    .update(goJson(hashedContent(resource)))
    .digest('hex')
    .slice(0, 10);
  return hex.replace(/[013ae]/g, (digit) => letters[digit] ?? digit);
}

function hashedContent(resource: Resource): JsonValue {
  const { object, kind } = resource;
  const data = fieldOf(object, 'data') ?? '';
  // `name` is always empty in kustomize's hash: it looks for a field called "metadata/name".
  if (kind === 'ConfigMap') {
    return { kind, name: '', data, ...mapField(object['binaryData'], 'binaryData') };
  }
  if (kind === 'Secret') {
    const type = scalarText(fieldOf(object, 'type'));
    return { kind, name: '', type, data, ...mapField(object['stringData'], 'stringData') };
  }
  // kustomize hashes its YAML node here, positions in the file included; the content must do.
  return object;
}

function mapField(value: JsonValue | undefined, field: string): Record<string, JsonValue> {
  return isObject(value) ? { [field]: value } : {};
}
