import type { Lexer, Token } from './lexer.ts';

/** The tokens of a lexer, of which up to two can be put back. */
export class TokenBuffer {
  readonly #lexer: Lexer;
  /** Tokens that were put back, last one first. */
  readonly #tokens: Token[] = [];
  #putBack = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  /** Slot 0, where messages take their line from, as in Go; undefined before the first token. */
  get latest(): Token | undefined {
    return this.#tokens[0];
  }

  next(): Token {
    if (this.#putBack > 0) this.#putBack--;
    else this.#tokens[0] = this.#lexer.next();
    return this.#tokens[this.#putBack]!;
  }

  peek(): Token {
    if (this.#putBack === 0) {
      this.#tokens[0] = this.#lexer.next();
      this.#putBack = 1;
    }
    return this.#tokens[this.#putBack - 1]!;
  }

  /** Whether no token was put back, so that the lexer stands behind the last one. */
  get isEmpty(): boolean {
    return this.#putBack === 0;
  }

  /** Goes on behind an action whose text is known. */
  skipAction(text: string): Token {
    const token = this.#lexer.endOfAction(text);
    this.#tokens[0] = token;
    return token;
  }

  /** Puts the token that was read last back. */
  backup(): void {
    this.#putBack++;
  }

  /** Puts one more token back, which was read before the last one. */
  backup2(earlier: Token): void {
    this.#tokens[1] = earlier;
    this.#putBack = 2;
  }
}
