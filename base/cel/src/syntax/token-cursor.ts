import type { Issues } from './issues.ts';
import { type Token, tokenize } from './tokens.ts';

/** Reading stops at the first error of syntax, which is reported by then. */
export class Stop extends Error {}

const deepest = 250;

const beginnings = ['[', '{', '(', '.', '-', '!', 'true', 'false', 'null'];
const literalKinds = {
  float: 'NUM_FLOAT',
  int: 'NUM_INT',
  uint: 'NUM_UINT',
  string: 'STRING',
  bytes: 'BYTES',
} as const;
/** What an expression can begin with, as ANTLR lists it. */
export const anyBeginning = `{${[...beginnings.map((text) => `'${text}'`), ...Object.values(literalKinds), 'IDENTIFIER'].join(', ')}}`;
export const anyArgument = anyBeginning.replace("'(', ", "'(', ')', ");

/** Whether an expression can begin with a token. */
export function begins({ kind, text }: Token): boolean {
  return kind === 'operator' ? beginnings.includes(text) : kind !== 'end' && kind !== 'quoted';
}

/** Rules that can be within themselves. */
export type Rule = 'expression' | 'relation' | 'sum' | 'member';

/** The tokens of an expression, read from the first to the last. */
export class TokenCursor {
  readonly #text: string;
  readonly #issues: Issues;
  readonly #tokens: readonly Token[];
  readonly #depths: Record<Rule, number> = { expression: 0, relation: 0, sum: 0, member: 0 };
  /** What can come after the parts that are being read, the innermost last. */
  readonly #followers = ['<EOF>'];
  #next = 0;

  constructor(expression: string, issues: Issues) {
    this.#text = expression;
    this.#issues = issues;
    this.#tokens = tokenize(expression, issues);
  }

  get token(): Token {
    return this.peek(0);
  }

  /** A token that is not read yet. */
  peek(offset: number): Token {
    return this.#tokens[Math.min(this.#next + offset, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.token;
    this.#next += 1;
    return token;
  }

  /** Reports what ends the reading, for the caller to throw. */
  syntax(token: Token, message: string): Stop {
    this.#issues.report(token.at, `Syntax error: ${message}`);
    return new Stop();
  }

  /** Whether an operator or word is next. */
  is(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text;
  }

  /** Reads an operator or word if it is next. */
  skip(text: string): boolean {
    if (!this.is(text)) return false;
    this.#next += 1;
    return true;
  }

  /** A token that has to be here; one that is too much before it is passed over. */
  expect(text: string): Token {
    if (this.is(text)) return this.take();
    const token = this.token;
    const next = this.peek(1);
    if (next.kind === 'operator' && next.text === text) {
      this.#issues.report(token.at, `Syntax error: extraneous input '${token.text}' expecting '${text}'`);
      this.#next += 1;
      return this.take();
    }
    if (text === ':' && begins(token)) {
      this.#issues.report(token.at, `Syntax error: missing ':' at '${token.text}'`);
      return token;
    }
    throw this.syntax(token, `mismatched input '${token.text}' expecting '${text}'`);
  }

  /** A bracket that closes; when what comes can only follow it, it is missing. */
  close(text: string): void {
    const token = this.token;
    const canFollow = token.kind === 'operator' || token.kind === 'end' ? this.#followers.at(-1)! : '';
    if (this.is(text) || !canFollow.split(' ').includes(token.text)) {
      this.expect(text);
    } else {
      this.#issues.report(token.at, `Syntax error: missing '${text}' at '${token.text}'`);
    }
  }

  /** Reads what is followed by one of the tokens. */
  before<T>(tokens: string, run: () => T): T {
    this.#followers.push(tokens);
    const result = run();
    this.#followers.pop();
    return result;
  }

  /** Counts how deep a rule is within itself. */
  within<T>(rule: Rule, run: () => T): T {
    this.#depths[rule] += 1;
    this.deepen(rule, 0);
    const result = run();
    this.#depths[rule] -= 1;
    return result;
  }

  /** Refuses what is nested too deeply. */
  deepen(rule: Rule, more: number): void {
    if (this.#depths[rule] + more <= deepest) return;
    this.#issues.report(undefined, `expression recursion limit exceeded: ${deepest}`);
    throw new Stop();
  }

  /** Two tokens that do not go together, with what is between them. */
  noAlternative(first: Token, last: Token): Stop {
    const text = last.kind === 'end' ? first.text : this.#text.slice(first.at, last.at + last.text.length);
    return this.syntax(last, `no viable alternative at input '${text}'`);
  }
}
