/** Pointers of RFC 6901 over JSON values, as `spec.ignore` uses them. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value there; `found` tells a missing member from one that is null. */
export function lookUp(document: unknown, tokens: readonly string[]): { found: boolean; value?: unknown } {
  let value = document;
  for (const token of tokens) {
    const next = memberOf(value, token);
    if (!next) return { found: false };
    value = next.value;
  }
  return { found: true, value };
}

function memberOf(value: unknown, token: string): { value: unknown } | undefined {
  if (Array.isArray(value)) {
    const index = arrayIndex(value, token);
    return index === undefined ? undefined : { value: value[index] };
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
  return { value: (value as Record<string, unknown>)[token] };
}

/** Negative indices count from the end. */
function arrayIndex(list: readonly unknown[], token: string): number | undefined {
  if (!/^-?\d+$/.test(token)) return undefined;
  const index = Number(token) < 0 ? list.length + Number(token) : Number(token);
  return index >= 0 && index < list.length ? index : undefined;
}

/** Removes the member in place; a path that does not exist is fine. */
export function removeAt(document: unknown, tokens: readonly string[]): void {
  const last = tokens.at(-1);
  const parent = lookUp(document, tokens.slice(0, -1)).value;
  if (last === undefined || typeof parent !== 'object' || parent === null) return;
  if (Array.isArray(parent)) {
    const index = arrayIndex(parent, last);
    if (index !== undefined) parent.splice(index, 1);
  } else if (Object.hasOwn(parent, last)) {
    delete (parent as Record<string, unknown>)[last];
  }
}

/** Replaces a member that exists, in place; says whether it did. */
export function replaceAt(document: unknown, tokens: readonly string[], value: unknown): boolean {
  const last = tokens.at(-1);
  const parent = lookUp(document, tokens.slice(0, -1)).value;
  if (last === undefined || typeof parent !== 'object' || parent === null) return false;
  if (Array.isArray(parent)) {
    const index = arrayIndex(parent, last);
    if (index === undefined) return false;
    parent[index] = value;
    return true;
  }
  if (!Object.hasOwn(parent, last)) return false;
  (parent as Record<string, unknown>)[last] = value;
  return true;
}
