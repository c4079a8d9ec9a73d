import { textOf } from './byte-text.ts';
import { type Flags, pad } from './pad.ts';
import { boolVerb, floatVerb, hexBytes, integerVerb, plain, quoted, stringVerb } from './scalar-verbs.ts';
import { GoInt, type GoMap, GoStruct, isGoMap, isNilValue, kindOf, sortedKeys, typeNameOf } from './values.ts';
import { Walk } from './walk.ts';

/** One value under a verb of printf and its flags, as Go's fmt writes it, with every part of a collection in turn. */
export class VerbPrinter {
  readonly #flags: Flags;
  readonly #walk = new Walk('printed');
  /** A value under a verb that it has not is shown as it is: its String method is not asked. */
  #showsBadVerb = false;

  constructor(flags: Flags) {
    this.#flags = flags;
  }

  print(value: unknown, verb: string): string {
    if (value === null || value === undefined)
      return verb === 'T' || verb === 'v' ? pad('<nil>', this.#flags) : this.#badVerb(value, verb);
    if (verb === 'T') return plain(typeNameOf(value), this.#flags);
    if (verb === 'p') return hasAddress(value) ? '0xc000000000' : this.#badVerb(value, verb);
    if (value instanceof Uint8Array && 'vdsxXq'.includes(verb)) return this.#bytes(value, verb, '[]byte');
    return (isPlain(value) ? undefined : this.#method(value, verb)) ?? this.#part(value, verb, 0);
  }

  /** What a method of the value's own makes of it. */
  #method(value: unknown, verb: string): string | undefined {
    if (this.#showsBadVerb) return undefined;
    if (verb === 'w') return this.#badVerb(value, verb);
    if (!(value instanceof GoStruct || value instanceof GoInt)) return undefined;
    if (!this.#flags.sharpV)
      return value.text !== undefined && 'vsxXq'.includes(verb)
        ? stringVerb(value.text(), verb, this.#flags)
        : undefined;
    return value instanceof GoStruct && value.syntax !== undefined ? plain(value.syntax(), this.#flags) : undefined;
  }

  #nested(value: unknown, verb: string, depth: number): string {
    if (value === null || value === undefined) return this.#flags.sharpV ? 'interface {}(nil)' : '<nil>';
    return this.#method(value, verb) ?? this.#part(value, verb, depth);
  }

  #part(value: unknown, verb: string, depth: number): string {
    this.#walk.visit(depth);
    if (value instanceof GoStruct) return this.#struct(value, verb, depth);
    if (value instanceof Uint8Array && 'sxXq'.includes(verb)) return this.#bytes(value, verb, '[]uint8');
    if (Array.isArray(value) || value instanceof Uint8Array) return this.#slice(value, verb, depth);
    if (isGoMap(value)) return this.#map(value, verb, depth);
    return this.#scalar(value, verb) ?? this.#badVerb(value, verb);
  }

  #scalar(value: unknown, verb: string): string | undefined {
    if (typeof value === 'string') return stringVerb(value, verb, this.#flags);
    if (typeof value === 'number') return floatVerb(value, verb, this.#flags);
    if (typeof value === 'boolean') return boolVerb(value, verb, this.#flags);
    if (value instanceof GoInt) return integerVerb(value, verb, this.#flags);
    return verb === 'v' ? '0x0' : undefined;
  }

  #bytes(value: Uint8Array, verb: string, typeName: string): string {
    const flags = this.#flags;
    if (verb === 's') return plain(textOf(value), flags);
    if (verb === 'q') return quoted(textOf(value), flags);
    if (verb !== 'v' && verb !== 'd') return hexBytes(value, verb, flags);
    const parts = Array.from(value, (byte) => integerVerb(new GoInt(byte, 'uint8'), 'v', flags));
    return flags.sharpV ? `${typeName}{${parts.join(', ')}}` : `[${parts.join(' ')}]`;
  }

  #slice(value: readonly unknown[] | Uint8Array, verb: string, depth: number): string {
    const items = value instanceof Uint8Array ? Array.from(value, (byte) => new GoInt(byte, 'uint8')) : value;
    const parts = items.map((item) => this.#nested(item, verb, depth + 1));
    if (this.#flags.sharpV && isNilValue(value)) return `${typeNameOf(value)}(nil)`;
    return this.#flags.sharpV ? `${typeNameOf(value)}{${parts.join(', ')}}` : `[${parts.join(' ')}]`;
  }

  #map(value: GoMap, verb: string, depth: number): string {
    const parts = sortedKeys(value).map(
      (key) => `${this.#nested(key, verb, depth + 1)}:${this.#nested(value[key], verb, depth + 1)}`,
    );
    if (this.#flags.sharpV && isNilValue(value)) return `${typeNameOf(value)}(nil)`;
    return this.#flags.sharpV ? `${typeNameOf(value)}{${parts.join(', ')}}` : `map[${parts.join(' ')}]`;
  }

  #struct(value: GoStruct, verb: string, depth: number): string {
    if (value.pointer && depth > 0) return verb === 'v' ? '0xc000000000' : this.#badVerb(value, verb);
    const { sharpV, plusV } = this.#flags;
    const parts = [...value.fields].map(([name, field]) => {
      return (sharpV || plusV ? `${name}:` : '') + this.#nested(field, verb, depth + 1);
    });
    const prefix = value.pointer ? '&' : '';
    if (sharpV) return `${prefix}${value.typeName.replace(/^\*/, '')}{${parts.join(', ')}}`;
    return `${prefix}{${parts.join(' ')}}`;
  }

  #badVerb(value: unknown, verb: string): string {
    if (value === null || value === undefined) return `%!${verb}(<nil>)`;
    this.#showsBadVerb = true;
    const text = this.print(value, 'v');
    this.#showsBadVerb = false;
    return `%!${verb}(${typeNameOf(value)}=${text})`;
  }
}

/** Values that fmt knows by their types, without asking for methods. */
function isPlain(value: unknown): boolean {
  if (value instanceof GoInt) return value.typeName === value.kind;
  return typeof value !== 'object' || value instanceof Uint8Array;
}

function hasAddress(value: unknown): boolean {
  return ['map', 'slice', 'ptr', 'func'].includes(kindOf(value));
}
