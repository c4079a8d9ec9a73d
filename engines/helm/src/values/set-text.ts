import { ValuesError } from './values-error.ts';

/** Text up to a stop character, and that character; none when the text ended first. */
export interface Read {
  text: string;
  stop: string | undefined;
}

const space = /[\s\x85]/;

/** Reads a line of `--set` by characters; a backslash takes the meaning of what follows, unless all is literal. */
export class SetText {
  readonly #characters: readonly string[];
  readonly #isLiteral: boolean;
  #at = 0;

  constructor(text: string, isLiteral: boolean) {
    this.#characters = [...text];
    this.#isLiteral = isLiteral;
  }

  until(stops: string): Read {
    const parts: string[] = [];
    for (let character = this.next(); character !== undefined; character = this.next()) {
      if (stops.includes(character)) return { text: parts.join(''), stop: character };
      const taken = character === '\\' && !this.#isLiteral ? this.next() : character;
      if (taken === undefined) break;
      parts.push(taken);
    }
    return { text: parts.join(''), stop: undefined };
  }

  next(): string | undefined {
    const character = this.#characters[this.#at];
    if (character !== undefined) this.#at += 1;
    return character;
  }

  peek(): string | undefined {
    return this.#characters[this.#at];
  }

  /** Skips spaces and one comma; whether nothing else came before the comma or the end. */
  skipEmpty(): boolean {
    for (let character = this.peek(); character !== undefined; character = this.peek()) {
      if (character !== ',' && !space.test(character)) return false;
      this.#at += 1;
      if (character === ',') return true;
    }
    return true;
  }

  /** Reads one JSON value and leaves what follows it. */
  json(): unknown {
    const start = this.#at;
    this.#skipJson();
    try {
      return JSON.parse(this.#characters.slice(start, this.#at).join(''));
    } catch (error) {
      throw new ValuesError('invalid JSON value', { cause: error });
    }
  }

  /** Moves to the end of a JSON value by its brackets and quotes alone; `JSON.parse` judges the rest. */
  #skipJson(): void {
    let depth = 0;
    do {
      const character = this.next();
      if (character === undefined) throw new ValuesError('unexpected end of JSON input');
      if (character === '"') this.#skipJsonText();
      else if (character === '{' || character === '[') depth += 1;
      else if (character === '}' || character === ']') depth -= 1;
      else if (depth === 0) this.#skipJsonWord();
      if (depth > maxJsonDepth) throw new ValuesError('JSON value is nested too deeply');
    } while (depth > 0);
  }

  #skipJsonText(): void {
    for (let character = this.next(); character !== '"'; character = this.next()) {
      if (character === '\\') this.next();
      else if (character === undefined) throw new ValuesError('unexpected end of JSON input');
    }
  }

  #skipJsonWord(): void {
    while (/[\w.+-]/.test(this.peek() ?? '')) this.#at += 1;
  }
}

const maxJsonDepth = 1000;
