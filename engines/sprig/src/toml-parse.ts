import { GoInt, type GoMap, isGoMap, quote, setKey } from '@flux/gotemplate';
import { parseTime } from './go-time.ts';

const maxDepth = 100;
const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', '"': '"', '\\': '\\' };

/** Reads TOML 1.0; integers are int64, dates stay text. */
export function parseToml(text: string): GoMap {
  return new TomlReader(text.replaceAll('\r\n', '\n')).read();
}

class TomlReader {
  readonly #text: string;
  #position = 0;
  #depth = 0;
  #lastKey = '';
  readonly #root: GoMap = {};

  constructor(text: string) {
    this.#text = text;
  }

  read(): GoMap {
    let table = this.#root;
    for (;;) {
      this.#skip(/[\s]*(?:#[^\n]*\s*)*/y);
      if (this.#position >= this.#text.length) return this.#root;
      if (this.#peek() === '[') table = this.#header();
      else this.#pair(table);
      this.#skip(/[ \t]*(?:#[^\n]*)?/y);
      if (this.#position < this.#text.length && this.#peek() !== '\n')
        this.#fail(
          `expected a top-level item to end with a newline, comment, or EOF, but got ${this.#shown()} instead`,
        );
    }
  }

  #fail(message: string): never {
    const line = this.#text.slice(0, this.#position).split('\n').length;
    throw new SyntaxError(
      `toml: line ${line}${this.#lastKey === '' ? '' : ` (last key "${this.#lastKey}")`}: ${message}`,
    );
  }

  /** The next character as messages quote it. */
  #shown(): string {
    return quote(String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0), { mark: "'" });
  }

  #peek(): string {
    return this.#text[this.#position] ?? '';
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }

  #expect(text: string): void {
    if (!this.#text.startsWith(text, this.#position))
      this.#fail(`expected ${JSON.stringify(text)} but got ${this.#shown()} instead`);
    this.#position += text.length;
  }

  #header(): GoMap {
    const isArray = this.#text.startsWith('[[', this.#position);
    this.#position += isArray ? 2 : 1;
    const path = this.#key();
    this.#expect(isArray ? ']]' : ']');
    const parent = this.#descend(this.#root, path.slice(0, -1));
    const last = path.at(-1) ?? '';
    if (!isArray) return this.#descend(parent, [last]);
    const list: unknown = Object.hasOwn(parent, last) ? parent[last] : [];
    if (!Array.isArray(list)) return this.#fail(`key '${last}' is not an array`);
    const table: GoMap = {};
    list.push(table);
    setKey(parent, last, list);
    return table;
  }

  #key(): string[] {
    const parts: string[] = [];
    do {
      this.#skip(/[ \t]*/y);
      const start = this.#peek();
      const isFirst = parts.length === 0;
      if (start === '"' || start === "'") parts.push(this.#string());
      else if (start === '=' || start === '') this.#fail(`unexpected '='${isFirst ? ': key name appears blank' : ''}`);
      else if (start === '.') this.#fail(`unexpected '.'${isFirst ? ": keys cannot start with a '.'" : ''}`);
      else parts.push(this.#skip(/[A-Za-z0-9_-]+/y));
      this.#skip(/[ \t]*/y);
    } while (this.#skip(/\./y) !== '');
    return parts;
  }

  #descend(from: GoMap, path: readonly string[]): GoMap {
    let table = from;
    for (const part of path) {
      if (!Object.hasOwn(table, part)) setKey(table, part, {});
      const value = table[part];
      const next = Array.isArray(value) ? value.at(-1) : value;
      if (!isGoMap(next)) return this.#fail(`Key '${part}' has already been defined.`);
      table = next;
    }
    return table;
  }

  #pair(table: GoMap): void {
    const path = this.#key();
    if (this.#peek() === '') this.#fail("unexpected EOF; expected key separator '='");
    if (this.#peek() !== '=') this.#fail(`expected '.' or '=', but got ${this.#shown()} instead`);
    this.#position++;
    this.#lastKey = path.join('.');
    const parent = this.#descend(table, path.slice(0, -1));
    const last = path.at(-1) ?? '';
    if (Object.hasOwn(parent, last)) this.#fail(`Key '${path.join('.')}' has already been defined.`);
    setKey(parent, last, this.#value());
  }

  #value(): unknown {
    this.#skip(/[ \t]*/y);
    const start = this.#peek();
    if (start === '') this.#fail('unexpected EOF; expected value');
    if (start === '"' || start === "'") return this.#string();
    if (start === '[' || start === '{') {
      if (++this.#depth > maxDepth) this.#fail('values are nested too deeply');
      const value = start === '[' ? this.#array() : this.#inlineTable();
      this.#depth--;
      return value;
    }
    return this.#scalar(this.#skip(/[^\s,\]}#]+(?: \d\d:[^\s,\]}#]+)?/y));
  }

  #scalar(text: string): unknown {
    if (text === 'true' || text === 'false') return text === 'true';
    const plain = text.replaceAll('_', '');
    if (/^[+-]?\d+$/.test(plain)) return new GoInt(BigInt(plain.replace('+', '')), 'int64');
    if (/^0(?:x[0-9a-fA-F]+|o[0-7]+|b[01]+)$/.test(plain)) return new GoInt(BigInt(plain), 'int64');
    if (/^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(plain)) return Number(plain);
    if (/^[+-]?inf$/.test(plain)) return plain.startsWith('-') ? -Infinity : Infinity;
    if (/^[+-]?nan$/.test(plain)) return Number.NaN;
    if (/^\d{4}-\d\d-\d\d|^\d\d:\d\d/.test(text)) return readDate(text);
    return this.#fail(`expected value but found ${JSON.stringify(text || this.#peek())} instead`);
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#position++;
    for (;;) {
      this.#skip(/\s*(?:#[^\n]*\s*)*/y);
      if (this.#skip(/\]/y) !== '') return items;
      items.push(this.#value());
      this.#skip(/\s*(?:#[^\n]*\s*)*/y);
      if (this.#skip(/,/y) === '' && this.#peek() !== ']')
        this.#fail(
          `expected a comma (',') or array terminator (']'), but got ${this.#peek() === '' ? 'end of file' : this.#shown()}`,
        );
    }
  }

  #inlineTable(): GoMap {
    const table: GoMap = {};
    this.#position++;
    this.#skip(/[ \t]*/y);
    if (this.#skip(/\}/y) !== '') return table;
    for (;;) {
      this.#pair(table);
      this.#skip(/[ \t]*/y);
      if (this.#skip(/\}/y) !== '') return table;
      this.#expect(',');
    }
  }

  #string(): string {
    const mark = this.#peek();
    const triple = mark.repeat(3);
    const isLong = this.#text.startsWith(triple, this.#position);
    this.#position += isLong ? 3 : 1;
    if (isLong) this.#skip(/\n/y);
    const close = isLong ? triple : mark;
    let out = '';
    for (;;) {
      if (this.#text.startsWith(close, this.#position)) break;
      const character = this.#peek();
      if (character === '') this.#fail('unexpected EOF; expected string');
      if (character === '\n' && !isLong) this.#fail('strings cannot contain newlines');
      this.#position++;
      out += character === '\\' && mark === '"' ? this.#escape(isLong) : character;
    }
    this.#position += close.length;
    return out;
  }

  #escape(isLong: boolean): string {
    if (isLong && this.#skip(/[ \t]*\n\s*/y) !== '') return '';
    const letter = this.#peek();
    this.#position++;
    const known = escapes[letter];
    if (known !== undefined) return known;
    const hex = letter === 'u' ? this.#skip(/[0-9a-fA-F]{4}/y) : letter === 'U' ? this.#skip(/[0-9a-fA-F]{8}/y) : '';
    const code = hex === '' ? -1 : Number.parseInt(hex, 16);
    if (code < 0 || code > 0x10ffff) this.#fail(`invalid escape character ${JSON.stringify(letter)}`);
    return String.fromCodePoint(code);
  }
}

/** Dates and times are times, as BurntSushi's reader gives them. */
function readDate(text: string): unknown {
  const layouts = [
    '2006-01-02T15:04:05.999999999Z07:00',
    '2006-01-02T15:04:05.999999999',
    '2006-01-02',
    '15:04:05.999999999',
  ];
  const normal = text.replace(/^(\S{10})[ t]/, '$1T').replace(/z$/, 'Z');
  for (const layout of layouts) {
    try {
      return parseTime(layout, normal);
    } catch {}
  }
  throw new SyntaxError(`toml: invalid datetime: ${JSON.stringify(text)}`);
}
