import { GoStructValue } from '@flux/apimachinery';
import { lazyData } from './data.ts';

type Members = Readonly<Record<string, unknown>>;
type Kind = 's' | 'n' | 'b' | 'p' | 'l' | 'm' | 'o' | 'e' | 'j';

/** One field: `Name json kind type`, as tools/gen/go-internal writes it. */
const fieldsByType = lazyData<Readonly<Record<string, readonly string[]>>>('internal-types.generated.json');

const zeros: Readonly<Partial<Record<Kind, unknown>>> = { s: '', n: 0, b: false, j: 0 };

/** A value as the API server's internal type has it, which is what its messages show: every field, absent ones as null. */
export function internalForm(type: string, value: Members): GoStructValue {
  return new GoStructValue(membersOf(type, value, value));
}

function membersOf(type: string, value: Members, outer: Members): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const field of fieldsByType()[type] ?? []) {
    const [name = '', json = '', kind = '', element] = field.split(' ');
    if (kind === 'e') Object.assign(members, embedded(value, json, element, outer));
    else
      members[name] = memberOf(json.startsWith('^') ? outer[json.slice(1)] : value[json], kind as Kind, element, value);
  }
  return members;
}

/** Fields of an embedded struct stand among those around it; metadata is the same inside and outside. */
function embedded(value: Members, json: string, element: string | undefined, outer: Members): Members {
  const inner = json === '' ? value : asMembers(value[json]);
  return element === undefined ? inner : membersOf(element, inner, outer);
}

function memberOf(value: unknown, kind: Kind, element: string | undefined, outer: Members): unknown {
  if (value === undefined || value === null) {
    if (kind === 'o' && element !== undefined) return new GoStructValue(membersOf(element, {}, outer));
    return zeros[kind] ?? null;
  }
  if (element === undefined) return value;
  const convert = (item: unknown) => new GoStructValue(membersOf(element, asMembers(item), outer));
  return Array.isArray(value) ? value.map(convert) : convert(value);
}

function asMembers(value: unknown): Members {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
