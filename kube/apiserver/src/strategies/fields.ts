/** A JSON object that a strategy reads and changes; its kind's schema was checked before. */
// biome-ignore lint/suspicious/noExplicitAny: the fields of a decoded object have no static type
export type Fields = Record<string, any>;

/** Sets a member that is absent; null counts as absent, as a nil pointer does in Go. */
export function setDefault(target: Fields, name: string, value: unknown): void {
  if (target[name] === undefined || target[name] === null) target[name] = value;
}

export function setDefaults(target: Fields, values: Fields): void {
  for (const [name, value] of Object.entries(values)) setDefault(target, name, value);
}

export function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value : [];
}

/** Whether a status has a condition of the type that is true. */
export function isTrue(status: { conditions?: unknown } | undefined, type: string): boolean {
  return list(status?.conditions).some((condition) => condition['type'] === type && condition['status'] === 'True');
}

export function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** The new fields, some of them as they were: what is left that differs may not change. */
export function withFieldsOf(old: Fields, fields: Fields, names: readonly string[]): Fields {
  const restored: Fields = { ...fields };
  for (const name of names) {
    delete restored[name];
    if (old[name] !== undefined) restored[name] = old[name];
  }
  return restored;
}
