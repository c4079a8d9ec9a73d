import { escapeHtmlJson } from '@flux/gotypes';

/** A value that is a struct in Go, whose members JSON shows in the order of their declaration. */
export class GoStructValue {
  readonly members: Readonly<Record<string, unknown>>;

  constructor(members: Readonly<Record<string, unknown>>) {
    this.members = members;
  }
}

/** A value as Go's json.Marshal writes it: sorted keys of maps, `<`, `>`, `&` escaped. */
export function marshalGo(value: unknown): string {
  if (typeof value === 'string') return escapeHtmlJson(JSON.stringify(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(marshalGo).join(',')}]`;
  const isStruct = value instanceof GoStructValue;
  const given = Object.entries(isStruct ? value.members : value).filter(([, member]) => member !== undefined);
  const members = (isStruct ? given : given.sort(([a], [b]) => (a < b ? -1 : 1))).map(
    ([key, member]) => `${escapeHtmlJson(JSON.stringify(key))}:${marshalGo(member)}`,
  );
  return `{${members.join(',')}}`;
}

/** A value as Go's `%v` prints decoded JSON: `map[a:1 b:[x y]]`. */
export function printGo(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printGo).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${key}:${printGo((value as Record<string, unknown>)[key])}`);
  return `map[${members.join(' ')}]`;
}
