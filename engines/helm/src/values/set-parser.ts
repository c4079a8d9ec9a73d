import { setMember } from '@flux/apimachinery';
import { GoInt, quote, typeNameOf } from '@flux/gotemplate';
import type { Values } from '../chart/chart.ts';
import { SetText } from './set-text.ts';
import { isTable } from './table.ts';
import { ValuesError } from './values-error.ts';

const maxIndex = 65_536;
const maxLevels = 30;
const maxInteger = 2n ** 63n - 1n;

type Mode = 'typed' | 'json' | 'literal';
/** Makes a value of the text behind `=`. */
type ReadValue = (text: string) => unknown;

/** `a.b=1,c[0]=x` with the types of `helm --set`; changes and returns `target`. */
export function parseSet(text: string, target: Values = {}): Values {
  return new SetParser(text, 'typed', typedValue).parse(target);
}

/** As `parseSet`, but every value is text: `helm --set-string`. */
export function parseSetString(text: string, target: Values = {}): Values {
  return new SetParser(text, 'typed', (value) => value).parse(target);
}

/** As `parseSet`, but the values are JSON: `helm --set-json` with `key=value`. */
export function parseSetJson(text: string, target: Values = {}): Values {
  return new SetParser(text, 'json', (value) => value).parse(target);
}

/** As `parseSet`, but a value is the path of the file that has it: `helm --set-file`. */
export function parseSetFile(text: string, readFile: (path: string) => unknown, target: Values = {}): Values {
  return new SetParser(text, 'typed', readFile).parse(target);
}

/** One `key=value` whose value is taken as it stands: `helm --set-literal`. */
export function parseSetLiteral(text: string, target: Values = {}): Values {
  return new SetParser(text, 'literal', (value) => value).parse(target);
}

/** The types of `--set` (HELM-VAL-05): booleans, null and integers without a leading zero; anything else is text. */
function typedValue(text: string): unknown {
  if (/^true$/iu.test(text)) return true;
  if (/^false$/iu.test(text)) return false;
  if (/^null$/iu.test(text)) return null;
  if (!/^(?:0|[+-]\d{1,30}|[1-9]\d{0,30})$/.test(text)) return text;
  const value = BigInt(text.replace('+', ''));
  return value > maxInteger || value < -maxInteger - 1n ? text : new GoInt(value, 'int64');
}

/** Whether more of the text may follow; Helm takes a text that ends anywhere but in a key or list as finished. */
type Progress = 'more' | 'end';

interface Item {
  list: unknown[];
  index: number;
  level: number;
  /** Takes the list, which may be another one once it is changed. */
  store: (list: unknown[]) => void;
}

class SetParser {
  readonly #text: SetText;
  readonly #mode: Mode;
  readonly #readValue: ReadValue;

  constructor(text: string, mode: Mode, readValue: ReadValue) {
    this.#text = new SetText(text, mode === 'literal');
    this.#mode = mode;
    this.#readValue = readValue;
  }

  parse(target: Values): Values {
    while (this.#key(target, 0) === 'more');
    return target;
  }

  #key(target: Values, level: number): Progress {
    const { text: key, stop } = this.#text.until(this.#mode === 'literal' ? '=[.' : '=[,.');
    switch (stop) {
      case undefined:
        if (key === '') return 'end';
        throw new ValuesError(`key ${quote(key)} has no value`);
      case ',':
        throw new ValuesError(`key ${quote(key)} has no value (cannot end with ,)`);
      case '=':
        return this.#assign((value) => setNamed(target, key, value));
      case '.':
        return this.#nested(target, key, level + 1);
      default:
        return this.#indexed(target, key, level);
    }
  }

  #nested(target: Values, key: string, level: number): Progress {
    if (level > maxLevels) {
      throw new ValuesError(`value name nested level is greater than maximum supported nested level of ${maxLevels}`);
    }
    const inner = Object.hasOwn(target, key) ? asTable(target[key]) : {};
    const progress = this.#key(inner, level);
    const isEmpty = Object.keys(inner).length === 0;
    if (progress === 'more' && isEmpty) throw new ValuesError(`key map ${quote(key)} has no value`);
    if (!isEmpty) setNamed(target, key, inner);
    return progress;
  }

  #indexed(target: Values, key: string, level: number): Progress {
    const index = this.#index();
    if (index === undefined) return 'end';
    const list = Object.hasOwn(target, key) ? asList(target[key]) : [];
    setNamed(target, key, list);
    return this.#item({ list, index, level, store: (changed) => setNamed(target, key, changed) });
  }

  /** The number up to `]`; none when the text ends first. */
  #index(): number | undefined {
    const { text, stop } = this.#text.until(']');
    if (stop === undefined) return undefined;
    const fail = (why: string) => new ValuesError(`error parsing index: strconv.Atoi: parsing ${quote(text)}: ${why}`);
    if (!/^[+-]?\d+$/.test(text)) throw fail('invalid syntax');
    const index = Number(text);
    if (Math.abs(index) > 2 ** 63) throw fail('value out of range');
    if (index < 0) throw new ValuesError(`negative ${index} index not allowed`);
    return index;
  }

  /** What follows `[index]`. */
  #item({ list, index, level, store }: Item): Progress {
    const { text, stop } = this.#text.until('[.=');
    if (text !== '') {
      const runes = [...text].map((rune) => quote(rune, { mark: "'" })).join(' ');
      throw new ValuesError(`unexpected data at end of array index: [${runes}]`);
    }
    const set = (value: unknown) => store(withItem(list, index, value));
    if (stop === undefined) return 'end';
    if (stop === '=') {
      this.#assign(set);
      return 'more';
    }
    const existing = list[index];
    if (stop === '[') {
      const next = this.#index();
      if (next === undefined) return 'end';
      const inner = existing === undefined || existing === null ? [] : asList(existing);
      return this.#item({ list: inner, index: next, level, store: set });
    }
    const inner = isTable(existing) ? existing : {};
    if (index < list.length) list[index] = inner;
    const progress = this.#key(inner, level);
    if (progress === 'more') set(inner);
    return progress;
  }

  #assign(set: (value: unknown) => void): Progress {
    if (this.#mode === 'json') {
      if (this.#text.skipEmpty()) {
        set(null);
        return 'more';
      }
      set(this.#text.json());
      this.#text.skipEmpty();
      return 'more';
    }
    if (this.#mode === 'literal') {
      set(this.#text.until('').text);
      return 'more';
    }
    if (this.#text.peek() === undefined) {
      set('');
      return 'end';
    }
    set(this.#text.peek() === '{' ? this.#list() : this.#readValue(this.#text.until(',').text));
    return 'more';
  }

  /** `{a,b}`, with a comma behind it. */
  #list(): unknown[] {
    this.#text.next();
    const items: unknown[] = [];
    for (;;) {
      const { text, stop } = this.#text.until(',}');
      if (stop === undefined) throw new ValuesError("list must terminate with '}'");
      items.push(this.#readValue(text));
      if (stop === ',') continue;
      if (this.#text.peek() === ',') this.#text.next();
      return items;
    }
  }
}

/** A key without a name is dropped. */
function setNamed(target: Values, key: string, value: unknown): void {
  if (key !== '') setMember(target, key, value);
}

/** The list with the item, a new list if it grows: one that values share with others does not grow for them. */
function withItem(list: unknown[], index: number, value: unknown): unknown[] {
  if (index > maxIndex) {
    throw new ValuesError(`index of ${index} is greater than maximum supported index of ${maxIndex}`);
  }
  const changed = index < list.length ? list : [...list];
  while (changed.length < index) changed.push(null);
  changed[index] = value;
  return changed;
}

function asTable(value: unknown): Values {
  if (isTable(value)) return value;
  throw conversion(value, 'map[string]interface {}');
}

function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw conversion(value, '[]interface {}');
}

function conversion(value: unknown, wanted: string): ValuesError {
  const type = value === null || value === undefined ? 'nil' : typeNameOf(value);
  return new ValuesError(`unable to parse key: interface conversion: interface {} is ${type}, not ${wanted}`);
}
