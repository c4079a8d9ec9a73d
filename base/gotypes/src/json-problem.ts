import { quoteGo } from './quote.ts';

const skipsSpace = /^(?:after (?:object|array|top)|looking for|in string literal)/;
const maxDepth = 10_000;
const keywords: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };

/**
 * What Go's encoding/json says of bytes that are not JSON, or undefined when they are. It builds nothing and takes its time:
 * ask it when another reader has refused them.
 */
export function jsonProblem(bytes: Uint8Array): string | undefined {
  try {
    new Scanner(bytes).document();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

class Scanner {
  readonly #characters: readonly string[];
  #position = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    // Go looks at bytes: of a character beyond ASCII it names the first one.
    this.#characters = [...Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')];
  }

  document(): void {
    this.#value('looking for beginning of value');
    this.#space();
    if (this.#position < this.#characters.length) this.#fail('after top-level value');
  }

  #peek(): string | undefined {
    return this.#characters[this.#position];
  }

  #fail(context: string): never {
    // At the end Go's scanner sees a space, which only the inside of words, numbers and escapes takes amiss.
    const character = this.#peek() ?? (skipsSpace.test(context) ? undefined : ' ');
    if (character === undefined) throw new SyntaxError('unexpected end of JSON input');
    throw new SyntaxError(`invalid character ${quoteGo(character, { mark: "'" })} ${context}`);
  }

  #space(): void {
    while (/^[ \t\r\n]$/.test(this.#peek() ?? '')) this.#position++;
  }

  #value(context: string): void {
    this.#space();
    const start = this.#peek() ?? '';
    if (start === '{' || start === '[') {
      if (++this.#depth > maxDepth) throw new SyntaxError('exceeded max depth');
      this.#position++;
      if (start === '{') this.#object();
      else this.#array();
      this.#depth--;
    } else if (start === '"') this.#string();
    else if (/^[-0-9]$/.test(start)) this.#number();
    else if (keywords[start] !== undefined) this.#keyword(keywords[start]);
    else this.#fail(context);
  }

  #object(): void {
    this.#space();
    if (this.#peek() === '}') {
      this.#position++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#peek() !== '"') this.#fail('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#peek() !== ':') this.#fail('after object key');
      this.#position++;
      this.#value('looking for beginning of value');
      this.#space();
      const next = this.#peek();
      if (next !== ',' && next !== '}') this.#fail('after object key:value pair');
      this.#position++;
      if (next === '}') return;
    }
  }

  #array(): void {
    this.#space();
    if (this.#peek() === ']') {
      this.#position++;
      return;
    }
    for (;;) {
      this.#value('looking for beginning of value');
      this.#space();
      const next = this.#peek();
      if (next !== ',' && next !== ']') this.#fail('after array element');
      this.#position++;
      if (next === ']') return;
    }
  }

  #string(): void {
    this.#position++;
    for (;;) {
      const character = this.#peek();
      if (character === undefined || character < ' ') this.#fail('in string literal');
      this.#position++;
      if (character === '"') return;
      if (character === '\\') this.#escape();
    }
  }

  #escape(): void {
    const letter = this.#peek();
    if (letter === undefined || !'bfnrt\\/"u'.includes(letter)) this.#fail('in string escape code');
    this.#position++;
    for (let index = 0; letter === 'u' && index < 4; index++) {
      if (!/^[0-9a-fA-F]$/.test(this.#peek() ?? '')) this.#fail('in \\u hexadecimal character escape');
      this.#position++;
    }
  }

  #digits(context: string): void {
    if (!/^\d$/.test(this.#peek() ?? '')) this.#fail(context);
    while (/^\d$/.test(this.#peek() ?? '')) this.#position++;
  }

  #number(): void {
    if (this.#peek() === '-') this.#position++;
    if (this.#peek() === '0') this.#position++;
    else this.#digits('in numeric literal');
    if (this.#peek() === '.') {
      this.#position++;
      this.#digits('after decimal point in numeric literal');
    }
    if (!/^[eE]$/.test(this.#peek() ?? '')) return;
    this.#position++;
    if (/^[+-]$/.test(this.#peek() ?? '')) this.#position++;
    this.#digits('in exponent of numeric literal');
  }

  #keyword(word: string): void {
    for (const letter of word) {
      if (this.#peek() !== letter) this.#fail(`in literal ${word} (expecting '${letter}')`);
      this.#position++;
    }
  }
}
