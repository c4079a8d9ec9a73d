import { patchSignatures, signatures } from './signatures.table.ts';
import {
  type CelType,
  listType,
  mapType,
  opaqueType,
  optionalType,
  parameterType,
  structType,
  types,
  typeType,
} from './type.ts';

/** One way to call a function. */
export interface Overload {
  readonly isMember: boolean;
  /** The value that it is called on is the first. */
  readonly args: readonly CelType[];
  readonly result: CelType;
  readonly parameters: readonly string[];
}

const known = new Map<string, readonly Overload[]>();

/** The overloads of a function; undefined: there is none of that name. */
export function overloadsOf(name: string, withPatches: boolean): readonly Overload[] | undefined {
  const found = known.get(name);
  if (found) return found;
  const table = withPatches && Object.hasOwn(patchSignatures, name) ? patchSignatures : signatures;
  if (!Object.hasOwn(table, name)) return undefined;
  const overloads = table[name]!.map(readSignature);
  if (table === signatures) known.set(name, overloads);
  return overloads;
}

function readSignature(text: string): Overload {
  const open = text.startsWith('(') ? 0 : text.indexOf('.(') + 1;
  const close = text.lastIndexOf(') ') < 0 ? text.length : closing(text, open);
  const inner = text.slice(open + 1, close).trim();
  const target = open > 0 ? [readType(text.slice(0, open - 1))] : [];
  const args = [...target, ...splitTypes(inner).map(readType)];
  const parameters = new Set(text.match(/\b[A-Z]\b/g) ?? []);
  return { isMember: open > 0, args, result: readType(text.slice(close + 2)), parameters: [...parameters] };
}

/** Where the bracket that opens at a place is closed. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; ; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [at, character] of [...text].entries()) {
    if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return text === '' ? [] : [...parts, text.slice(start).trim()];
}

function readType(text: string): CelType {
  const open = text.indexOf('(');
  if (open > 0) {
    const [first, second] = splitTypes(text.slice(open + 1, -1)).map(readType) as [CelType, CelType?];
    switch (text.slice(0, open)) {
      case 'list':
        return listType(first);
      case 'map':
        return mapType(first, second!);
      case 'type':
        return typeType(first);
      default:
        return optionalType(first);
    }
  }
  if (/^[A-Z]$/.test(text)) return parameterType(text);
  if (Object.hasOwn(types, text)) return types[text as keyof typeof types];
  return text.startsWith('net.') ? opaqueType(text) : structType(text);
}

/** Types that have a name which expressions may use, and those without which none can be made. */
const named: Readonly<Record<string, CelType>> = {
  bool: types.bool,
  bytes: types.bytes,
  double: types.double,
  duration: types.duration,
  'google.protobuf.Duration': types.duration,
  'google.protobuf.Timestamp': types.timestamp,
  int: types.int,
  list: listType(types.dyn),
  map: mapType(types.dyn, types.dyn),
  'net.CIDR': opaqueType('net.CIDR'),
  'net.IP': opaqueType('net.IP'),
  null_type: types.null,
  optional_type: optionalType(types.dyn),
  string: types.string,
  timestamp: types.timestamp,
  type: types.type,
  uint: types.uint,
};

/** Names of types that pass the check and are then not there. */
export const absentTypes: ReadonlySet<string> = new Set(['duration', 'timestamp']);

/** The type that a name stands for. */
export function typeNamed(name: string): CelType | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined;
}
