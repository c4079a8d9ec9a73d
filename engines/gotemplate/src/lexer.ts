import { isPrintable } from '@flux/gotypes';
import { quote } from './quote.ts';

export type TokenType =
  | 'error'
  | 'bool'
  | 'char'
  | 'charConstant'
  | 'complex'
  | 'assign'
  | 'declare'
  | 'eof'
  | 'field'
  | 'identifier'
  | 'leftDelim'
  | 'leftParen'
  | 'number'
  | 'pipe'
  | 'rawString'
  | 'rightDelim'
  | 'rightParen'
  | 'string'
  | 'text'
  | 'variable'
  | 'dot'
  | 'keyword';

export interface Token {
  readonly type: TokenType;
  /** Offset in the text, in UTF-16 units; turned into bytes only for messages. */
  readonly position: number;
  readonly value: string;
  /** Whether white space stands before it, inside an action; that is what separates operands. */
  readonly afterSpace: boolean;
}

const keywords = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'nil',
  'template',
  'with',
]);
/** Patterns read words and strings faster than loops do until those are compiled, which is after most charts are read. */
const asciiWord = /\w*/y;
const plainQuoted = /[^"\\\n]*"/y;

/** Beyond ASCII; made when such a character comes up, because reading the classes of Unicode takes a while. */
let alphanumeric: RegExp | undefined;

const numberShape =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/y;

/** What the ASCII characters are, so that hardly any needs a regular expression. */
const classes = new Uint8Array(128);
const wordClass = 1;
const spaceClass = 2;
const stopClass = 4;
for (const character of '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
  classes[character.charCodeAt(0)] = wordClass;
}
for (const character of ' \t\r\n') classes[character.charCodeAt(0)] = spaceClass | stopClass;
for (const character of '.,|:)(') classes[character.charCodeAt(0)] = stopClass;

function hasClass(code: number, wanted: number): boolean {
  return code < 128 && ((classes[code] ?? 0) & wanted) !== 0;
}

function isAlphanumeric(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 128) return hasClass(code, wordClass);
  alphanumeric ??= /[\p{L}\p{Nd}_]/u;
  return alphanumeric.test(character);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** How a token is named in error messages. */
export function describeToken(token: Token): string {
  if (token.type === 'eof') return 'EOF';
  if (token.type === 'error') return token.value;
  if (token.type === 'keyword' || token.type === 'dot') return `<${token.value}>`;
  const characters = [...token.value];
  return Buffer.byteLength(token.value) > 10 ? `${quote(characters.slice(0, 10).join(''))}...` : quote(token.value);
}

/** Go's `%#U`. */
function describeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code}${isPrintable(character) ? ` '${character}'` : ''}`;
}

function endAt(position: number): Token {
  return { type: 'eof', position, value: 'EOF', afterSpace: false };
}

/** Splits a template into tokens, one `next` at a time; after an error it only gives that error. */
export class Lexer {
  readonly #text: string;
  #position = 0;
  #start = 0;
  #parens = 0;
  #inAction = false;
  /** Where the latest action begins, behind its delimiter and marker. */
  #actionStart = -1;
  #afterSpace = false;
  #error: Token | undefined;
  /** Names of functions win over the keywords break and continue. */
  readonly #plainWords: ReadonlySet<string>;

  constructor(text: string, plainWords: ReadonlySet<string>) {
    this.#text = text;
    this.#plainWords = plainWords;
  }

  next(): Token {
    if (this.#error !== undefined) return endAt(this.#error.position);
    return this.#inAction ? this.#action() : this.#outside();
  }

  get actionStart(): number {
    return this.#actionStart;
  }

  /** The text of the latest action up to the first `}}`, which may stand within a string; undefined where there is none. */
  actionText(): string | undefined {
    const end = this.#text.indexOf('}}', this.#actionStart);
    return end < 0 ? undefined : this.#text.slice(this.#actionStart, end);
  }

  /** Gives the closing delimiter of an action of which no token was taken yet; it must end at the first `}}`. */
  endOfAction(text: string): Token {
    this.#position = this.#actionStart + text.length;
    const marker = text.endsWith('-') ? 1 : 0;
    this.#position -= marker;
    return this.#rightDelim(marker);
  }

  #take(type: TokenType): Token {
    return this.#taken(type, this.#text.slice(this.#start, this.#position));
  }

  #taken(type: TokenType, value: string): Token {
    const token: Token = { type, position: this.#start, value, afterSpace: this.#afterSpace };
    this.#start = this.#position;
    return token;
  }

  /** Drops what was read since the last token. */
  #skip(): void {
    this.#start = this.#position;
  }

  #fail(message: string): Token {
    this.#error = { type: 'error', position: this.#start, value: message, afterSpace: this.#afterSpace };
    return this.#error;
  }

  #peek(): string {
    const code = this.#text.codePointAt(this.#position);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #outside(): Token {
    for (;;) {
      const open = this.#text.indexOf('{{', this.#position);
      const end = open < 0 ? this.#text.length : open;
      const text = this.#plainText(end, open >= 0);
      if (text !== undefined) return text;
      if (open < 0) return endAt(this.#position);
      const marker = this.#trimsLeft(open + 2) ? 2 : 0;
      if (this.#text.startsWith('/*', open + 2 + marker)) {
        this.#position = open + 2 + marker;
        this.#skip();
        const failure = this.#comment();
        if (failure !== undefined) return failure;
        continue;
      }
      this.#position = open + 2;
      const token = this.#taken('leftDelim', '{{');
      this.#position += marker;
      this.#skip();
      this.#inAction = true;
      this.#actionStart = this.#position;
      this.#parens = 0;
      return token;
    }
  }

  #trimsLeft(position: number): boolean {
    return this.#text.charCodeAt(position) === 0x2d && this.#isSpace(position + 1);
  }

  #plainText(end: number, beforeAction: boolean): Token | undefined {
    if (end === this.#start) return undefined;
    let stop = end;
    if (beforeAction && this.#trimsLeft(end + 2)) {
      while (stop > this.#start && this.#isSpace(stop - 1)) stop--;
    }
    this.#position = stop;
    const token = this.#take('text');
    this.#position = end;
    this.#skip();
    return token.value === '' ? undefined : token;
  }

  /** Nothing when the comment is fine. */
  #comment(): Token | undefined {
    const close = this.#text.indexOf('*/', this.#position + 2);
    if (close < 0) return this.#fail('unclosed comment');
    this.#position = close + 2;
    const width = this.#rightDelimWidth();
    if (width === 0) return this.#fail('comment ends before closing delimiter');
    this.#position += width;
    if (width > 2) this.#skipSpaces();
    this.#skip();
    return undefined;
  }

  /** 2 or, with a trim marker, 4; 0 when there is no closing delimiter here. */
  #rightDelimWidth(): number {
    if (this.#text.startsWith('}}', this.#position)) return 2;
    const trims = this.#isSpace(this.#position) && this.#text.startsWith('-}}', this.#position + 1);
    return trims ? 4 : 0;
  }

  #skipSpaces(): void {
    while (this.#isSpace(this.#position)) this.#position++;
  }

  #isSpace(position: number): boolean {
    return hasClass(this.#text.charCodeAt(position), spaceClass);
  }

  #action(): Token {
    let code = this.#text.charCodeAt(this.#position);
    this.#afterSpace = hasClass(code, spaceClass);
    if (this.#afterSpace) {
      this.#skipSpaces();
      this.#skip();
      code = this.#text.charCodeAt(this.#position);
    }
    if (hasClass(code, wordClass) && !isDigit(code)) return this.#identifier();
    switch (code) {
      case 0x2e: // .
        return this.#dot();
      case 0x24: // $
        this.#position++;
        return this.#fieldOrVariable('variable');
      case 0x7d: // }
        if (this.#text.charCodeAt(this.#position + 1) === 0x7d) return this.#rightDelim(0);
        break;
      case 0x2d: // -
        if (this.#afterSpace && this.#text.startsWith('-}}', this.#position)) return this.#rightDelim(1);
        break;
    }
    return this.#other();
  }

  #other(): Token {
    const character = this.#peek();
    if (character === '') return this.#fail('unclosed action');
    this.#position += character.length;
    switch (character) {
      case '=':
        return this.#taken('assign', character);
      case '|':
        return this.#taken('pipe', character);
      case ':':
        if (this.#peek() !== '=') return this.#fail('expected :=');
        this.#position++;
        return this.#taken('declare', ':=');
      case '"':
        return this.#string();
      case "'":
        return this.#quoted("'", 'charConstant', 'unterminated character constant');
      case '`':
        return this.#raw();
      case '(':
        this.#parens++;
        return this.#taken('leftParen', character);
      case ')':
        return --this.#parens < 0 ? this.#fail('unexpected right paren') : this.#taken('rightParen', character);
      default:
        return this.#wordOrNumber(character);
    }
  }

  #dot(): Token {
    this.#position++;
    if (this.#position < this.#text.length && !isDigit(this.#text.charCodeAt(this.#position))) {
      return this.#fieldOrVariable('field');
    }
    this.#position--;
    return this.#number();
  }

  #wordOrNumber(character: string): Token {
    if (character === '+' || character === '-' || isDigit(character.charCodeAt(0))) {
      this.#position -= 1;
      return this.#number();
    }
    if (isAlphanumeric(character)) return this.#identifier();
    if (character > ' ' && character <= '~') return this.#take('char');
    return this.#fail(`unrecognized character in action: ${describeCharacter(character)}`);
  }

  /** `marker` is the width of a trim marker here, before the delimiter. */
  #rightDelim(marker: number): Token {
    if (this.#parens > 0) {
      this.#start = this.#position - marker;
      return this.#fail('unclosed left paren');
    }
    this.#position += marker;
    this.#skip();
    this.#position += 2;
    const token = this.#taken('rightDelim', '}}');
    if (marker > 0) this.#skipSpaces();
    this.#skip();
    this.#inAction = false;
    this.#afterSpace = false;
    return token;
  }

  #string(): Token {
    plainQuoted.lastIndex = this.#position;
    if (!plainQuoted.test(this.#text)) return this.#quoted('"', 'string', 'unterminated quoted string');
    this.#position = plainQuoted.lastIndex;
    return this.#take('string');
  }

  #quoted(mark: string, type: TokenType, unterminated: string): Token {
    for (;;) {
      const character = this.#text[this.#position++];
      if (character === mark) return this.#take(type);
      const escaped = character === '\\' ? this.#text[this.#position++] : character;
      if (escaped === undefined || escaped === '\n') return this.#fail(unterminated);
    }
  }

  #raw(): Token {
    const close = this.#text.indexOf('`', this.#position);
    if (close < 0) return this.#fail('unterminated raw quoted string');
    this.#position = close + 1;
    return this.#take('rawString');
  }

  #identifier(): Token {
    this.#word();
    if (!this.#atTerminator()) return this.#badCharacter();
    const word = this.#text.slice(this.#start, this.#position);
    if (keywords.has(word) && !this.#plainWords.has(word)) return this.#taken('keyword', word);
    return this.#taken(word === 'true' || word === 'false' ? 'bool' : 'identifier', word);
  }

  #fieldOrVariable(type: 'field' | 'variable'): Token {
    if (this.#atTerminator()) return this.#take(type === 'field' ? 'dot' : 'variable');
    this.#word();
    return this.#atTerminator() ? this.#take(type) : this.#badCharacter();
  }

  #word(): void {
    asciiWord.lastIndex = this.#position;
    asciiWord.test(this.#text);
    this.#position = asciiWord.lastIndex;
    if (!(this.#text.charCodeAt(this.#position) >= 128)) return;
    for (let next = this.#peek(); next !== '' && isAlphanumeric(next); next = this.#peek())
      this.#position += next.length;
  }

  #badCharacter(): Token {
    return this.#fail(`bad character ${describeCharacter(this.#peek())}`);
  }

  #atTerminator(): boolean {
    if (this.#position >= this.#text.length) return true;
    const code = this.#text.charCodeAt(this.#position);
    return hasClass(code, stopClass) || (code === 0x7d && this.#text.charCodeAt(this.#position + 1) === 0x7d);
  }

  #number(): Token {
    if (!this.#scanNumber()) return this.#badNumber();
    if (this.#peek() !== '+' && this.#peek() !== '-') return this.#take('number');
    if (!this.#scanNumber() || this.#text[this.#position - 1] !== 'i') return this.#badNumber();
    return this.#take('complex');
  }

  #badNumber(): Token {
    return this.#fail(`bad number syntax: ${quote(this.#text.slice(this.#start, this.#position))}`);
  }

  #scanNumber(): boolean {
    if (this.#scanDigits()) return true;
    numberShape.lastIndex = this.#position;
    this.#position += numberShape.exec(this.#text)?.[0].length ?? 0;
    const next = this.#peek();
    if (next === '' || !isAlphanumeric(next)) return true;
    this.#position += next.length;
    return false;
  }

  /** Takes digits that are a whole number; most numbers are no more than that. */
  #scanDigits(): boolean {
    let end = this.#position;
    while (isDigit(this.#text.charCodeAt(end))) end++;
    const next = this.#text.charCodeAt(end);
    if (end === this.#position || next === 0x2e || next >= 128 || hasClass(next, wordClass)) return false;
    this.#position = end;
    return true;
  }
}
