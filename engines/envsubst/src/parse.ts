import { EnvsubstError } from './envsubst-error.ts';

/** Literal text, or `${name…}` with an operator and its arguments; the arguments are nodes themselves. */
export type Node = string | Expansion;

export interface Expansion {
  name: string;
  /** Empty for a bare `${name}`. */
  operator: string;
  args: Node[];
}

type Accept = (character: string) => boolean;
/** What a backslash or dollar may escape: `$$` in text; also `\/` and `\\` in replacements (KUS-SUB-22). */
type Escapes = 'none' | 'dollar' | 'replacement';

const maxDepth = 100;
const identifier = /[\p{L}\p{Nd}_]/u;
const notClosing: Accept = (character) => character !== '}';

/** Parses shell-like substitutions; only `${…}` is special (KUS-SUB-09). Throws `EnvsubstError` with upstream's text. */
export function parse(text: string): Node[] {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Node[] {
    const nodes: Node[] = [];
    while (this.#position < this.#text.length) {
      nodes.push(this.#startsExpansion() ? this.#expansion() : this.#take(() => true, 'dollar'));
    }
    return nodes;
  }

  #peek(): string {
    const code = this.#text.codePointAt(this.#position);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #startsExpansion(): boolean {
    return this.#text.startsWith('${', this.#position);
  }

  /** Text up to the end, the next `${` or the first character that is not accepted. */
  #take(accept: Accept, escapes: Escapes): string {
    let taken = '';
    let start = this.#position;
    while (this.#position < this.#text.length && !this.#startsExpansion()) {
      if (this.#isEscape(escapes)) {
        taken += this.#text.slice(start, this.#position) + this.#text[this.#position + 1];
        this.#position += 2;
        start = this.#position;
        continue;
      }
      const character = this.#peek();
      if (!accept(character)) break;
      this.#position += character.length;
    }
    return taken + this.#text.slice(start, this.#position);
  }

  #isEscape(escapes: Escapes): boolean {
    if (escapes === 'none') return false;
    const [character, next] = [this.#text[this.#position], this.#text[this.#position + 1]];
    if (character === '$') return next === '$';
    return escapes === 'replacement' && character === '\\' && (next === '/' || next === '\\');
  }

  #expansion(): Expansion {
    if (++this.#depth > maxDepth) throw new EnvsubstError(`substitutions are nested deeper than ${maxDepth}`);
    this.#position += 2;
    const node = this.#peek() === '#' ? this.#length() : this.#named();
    this.#depth--;
    return node;
  }

  #length(): Expansion {
    this.#position++;
    const name = this.#identifier();
    if (name === '') throw new EnvsubstError('bad substitution');
    return this.#close({ name, operator: '#', args: [] });
  }

  #identifier(): string {
    const start = this.#position;
    for (let character = this.#peek(); character !== '' && identifier.test(character); character = this.#peek()) {
      this.#position += character.length;
    }
    return this.#text.slice(start, this.#position);
  }

  #named(): Expansion {
    const name = this.#identifier();
    if (name === '') throw new EnvsubstError('unable to parse variable name');
    switch (this.#peek()) {
      case ':':
        return this.#colon(name);
      case '=':
        return this.#default(name, 1);
      case ',':
      case '^':
        return this.#close({ name, operator: this.#operator(/^[,^]{1,2}/), args: [] });
      case '/':
        return this.#replace(name);
      case '#':
        return this.#remove(name, /^#{1,2}/);
      case '%':
        return this.#remove(name, /^%{1,2}/);
      case '}':
        this.#position++;
        return { name, operator: '', args: [] };
      default:
        throw new EnvsubstError('missing closing brace');
    }
  }

  #operator(pattern: RegExp): string {
    const operator = pattern.exec(this.#text.slice(this.#position, this.#position + 2))?.[0] ?? '';
    this.#position += operator.length;
    return operator;
  }

  #colon(name: string): Expansion {
    const next = this.#text[this.#position + 1];
    if (next === undefined || next > '\x7f') throw new EnvsubstError('bad substitution');
    return '=-?+'.includes(next) ? this.#default(name, 2) : this.#substring(name);
  }

  #default(name: string, length: number): Expansion {
    const operator = this.#text.slice(this.#position, this.#position + length);
    this.#position += length;
    const args: Node[] = [];
    while (this.#peek() !== '}') args.push(this.#argument(notClosing, 'none'));
    return this.#close({ name, operator, args });
  }

  #substring(name: string): Expansion {
    this.#position++;
    const args = [this.#argument((character) => character !== ':' && character !== '}', 'none')];
    if (this.#peek() === '}') return this.#close({ name, operator: ':', args });
    if (this.#take((character) => character === ':', 'none') === '') throw new EnvsubstError('bad substitution');
    args.push(this.#argument(notClosing, 'none'));
    return this.#close({ name, operator: ':', args });
  }

  #remove(name: string, pattern: RegExp): Expansion {
    const operator = this.#operator(pattern);
    return this.#close({ name, operator, args: [this.#argument(notClosing, 'none')] });
  }

  #replace(name: string): Expansion {
    const operator = this.#operator(/^\/[/#%]?/);
    const args = [this.#argument((character) => character !== '/', 'replacement')];
    if (this.#take((character) => character === '/', 'none') === '') throw new EnvsubstError('bad substitution');
    if (this.#peek() !== '}') args.push(this.#argument(notClosing, 'replacement'));
    return this.#close({ name, operator, args });
  }

  /** One nested expansion or at least one character of text (KUS-SUB-21). */
  #argument(accept: Accept, escapes: Escapes): Node {
    if (this.#startsExpansion()) return this.#expansion();
    const start = this.#position;
    const text = this.#take(accept, escapes);
    if (this.#position === start) throw new EnvsubstError('unable to parse substitution within function');
    return text;
  }

  #close(node: Expansion): Expansion {
    if (this.#peek() !== '}') throw new EnvsubstError('bad substitution');
    this.#position++;
    return node;
  }
}
