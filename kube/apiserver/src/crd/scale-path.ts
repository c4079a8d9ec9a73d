/** The members that a path of the scale subresource, such as `.spec.replicas`, goes through. */
export function splitPath(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}

export function readPath(object: unknown, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
