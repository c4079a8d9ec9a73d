/** Ends the reading of a text that is no JSON. */
class Problem {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const tooShort = 'unexpected end of JSON input';
const maxNesting = 1000;

/** What Go's scanner says of a text that is not JSON, or `undefined` when it is. */
export function jsonProblem(text: string): string | undefined {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** Reads without building anything; it is only used after another parser has refused the text. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value('looking for beginning of value', 0);
    this.#space();
    if (this.#at < this.#text.length) this.#refuse('after top-level value');
  }

  #value(context: string, depth: number): void {
    this.#space();
    if (depth > maxNesting) throw new Problem('exceeded max depth');
    const first = this.#text[this.#at];
    const word = { t: 'true', f: 'false', n: 'null' }[first ?? ''];
    if (first === '{') this.#object(depth);
    else if (first === '[') this.#list(depth);
    else if (first === '"') this.#string();
    else if (word) this.#literal(word);
    else this.#number(context);
  }

  #object(depth: number): void {
    this.#at++;
    this.#space();
    if (this.#skips('}')) return;
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#refuse('looking for beginning of object key string');
      this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') this.#refuse('after object key');
      this.#at++;
      this.#value('looking for beginning of value', depth + 1);
      this.#space();
      if (this.#skips('}')) return;
      if (this.#text[this.#at] !== ',') this.#refuse('after object key:value pair');
      this.#at++;
    }
  }

  #list(depth: number): void {
    this.#at++;
    this.#space();
    if (this.#skips(']')) return;
    for (;;) {
      this.#value('looking for beginning of value', depth + 1);
      this.#space();
      if (this.#skips(']')) return;
      if (this.#text[this.#at] !== ',') this.#refuse('after array element');
      this.#at++;
    }
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined || character < ' ') this.#refuse('in string literal');
      if (character === '\\') this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    const character = this.#text[++this.#at] ?? '';
    if (!/^[bfnrt"\\/u]$/.test(character)) this.#refuse('in string escape code');
    if (character !== 'u') return;
    for (let count = 0; count < 4; count++) {
      this.#at++;
      if (!/^[0-9A-Fa-f]$/.test(this.#text[this.#at] ?? '')) this.#refuse('in \\u hexadecimal character escape');
    }
  }

  #literal(word: string): void {
    for (const [index, letter] of [...word].entries()) {
      if (this.#text[this.#at] !== letter) this.#refuse(`in literal ${word} (expecting '${word[index]}')`);
      this.#at++;
    }
  }

  #number(context: string): void {
    const isNegative = this.#text[this.#at] === '-';
    if (isNegative) this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits(isNegative ? 'in numeric literal' : context);
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (!/^[eE]$/.test(this.#text[this.#at] ?? '')) return;
    this.#at++;
    if (/^[+-]$/.test(this.#text[this.#at] ?? '')) this.#at++;
    this.#digits('in exponent of numeric literal');
  }

  #digits(context: string): void {
    const start = this.#at;
    while (/^\d$/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at === start) this.#refuse(context);
  }

  #skips(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (/^[ \t\r\n]$/.test(this.#text[this.#at] ?? '')) this.#at++;
  }

  #refuse(context: string): never {
    const character = this.#text[this.#at];
    throw new Problem(character === undefined ? tooShort : `invalid character ${quoted(character)} ${context}`);
  }
}

/** Go looks at bytes, so that of a character beyond ASCII it names the first byte. */
function quoted(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return `'"'`;
  const byte = Buffer.from(character, 'utf8')[0]!;
  const shown = byte < 0x80 ? JSON.stringify(character).slice(1, -1) : String.fromCharCode(byte);
  return `'${shown.replace(/^\\u00(..)$/, '\\x$1')}'`;
}
