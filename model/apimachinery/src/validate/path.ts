/** `spec` and `name` give `spec.name`; the root has the empty path and is printed as `<nil>`. */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function keyPath(path: string, key: string): string {
  return `${path}[${key}]`;
}

export function at(path: string, index: number): string {
  return `${path}[${index}]`;
}

export function shownPath(path: string): string {
  return path === '' ? '<nil>' : path;
}
