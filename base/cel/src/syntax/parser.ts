import type { Issues } from './issues.ts';
import { bytesOf, LiteralError, textOf } from './literal-text.ts';
import { expandCall, expandMemberCall, MacroError } from './macros.ts';
import { type BinaryOperator, CelUnsigned, countParts, type FieldNode, type Literal, type Node } from './node.ts';
import { anyArgument, anyBeginning, begins, type Rule, Stop, TokenCursor } from './token-cursor.ts';
import type { Token } from './tokens.ts';

const longest = 100_000;
/** Without macros that say things twice, the longest text does not get there. */
const mostParts = 200_000;

/** Reads an expression; undefined when it has issues. */
export function parseCel(expression: string, issues: Issues): Node | undefined {
  const size = expression.length > longest ? [...expression].length : 0;
  if (size > longest) {
    issues.report(undefined, `expression code point size exceeds limit: size: ${size}, limit ${longest}`);
    return undefined;
  }
  const parser = new Parser(expression, issues);
  try {
    const node = parser.parse();
    if (issues.isEmpty && countParts(node) > mostParts) {
      issues.report(undefined, `expression size exceeds limit with its macros written out: ${mostParts}`);
    }
    return issues.isEmpty ? node : undefined;
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}

const relations: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);
const sums: ReadonlySet<string> = new Set(['+', '-']);
const products: ReadonlySet<string> = new Set(['*', '/', '%']);
const reserved = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

class Parser {
  readonly #issues: Issues;
  readonly #in: TokenCursor;

  constructor(expression: string, issues: Issues) {
    this.#issues = issues;
    this.#in = new TokenCursor(expression, issues);
  }

  parse(): Node {
    const node = this.#expression();
    const token = this.#in.token;
    if (token.kind === 'end') return node;
    const problem = this.#in.peek(1).kind === 'end' ? 'extraneous' : 'mismatched';
    throw this.#in.syntax(token, `${problem} input '${token.text}' expecting <EOF>`);
  }

  #expression(): Node {
    return this.#in.within('expression', () => {
      const condition = this.#disjunction();
      if (!this.#in.is('?')) return condition;
      const { at } = this.#in.take();
      const yes = this.#in.before(':', () => this.#disjunction());
      this.#in.expect(':');
      return { op: '?:', args: [condition, yes, this.#expression()], at };
    });
  }

  #disjunction(): Node {
    return this.#logical('||', () => this.#conjunction());
  }

  #conjunction(): Node {
    return this.#logical('&&', () => this.#relation());
  }

  /** Long chains make a tree that is as deep on both sides, as cel-go's do. */
  #logical(op: '&&' | '||', operand: () => Node): Node {
    const terms = [operand()];
    const places: number[] = [];
    while (this.#in.is(op)) {
      places.push(this.#in.take().at);
      terms.push(operand());
    }
    const join = (from: number, to: number): Node => {
      if (from === to) return terms[from]!;
      const middle = Math.floor((from + to) / 2);
      return { op, args: [join(from, middle), join(middle + 1, to)], at: places[middle]! };
    };
    return join(0, terms.length - 1);
  }

  #relation(): Node {
    return this.#chain('relation', relations, () =>
      this.#chain('sum', sums, () => this.#chain('sum', products, () => this.#unary())),
    );
  }

  #chain(rule: Rule, operators: ReadonlySet<string>, operand: () => Node): Node {
    return this.#in.within(rule, () => {
      let node = operand();
      for (let count = 1; this.#in.token.kind === 'operator' && operators.has(this.#in.token.text); count += 1) {
        this.#in.deepen(rule, count);
        const { text, at } = this.#in.take();
        node = { op: text as BinaryOperator, args: [node, operand()], at };
      }
      return node;
    });
  }

  #unary(): Node {
    const sign = this.#in.token;
    if (!this.#in.is('!') && (!this.#in.is('-') || this.#startsNumber())) return this.#member();
    let count = 0;
    for (; this.#in.skip(sign.text); count += 1);
    const next = this.#in.token;
    if (sign.text === '-' && (!begins(next) || this.#in.is('!'))) throw this.#in.noAlternative(this.#in.peek(-1), next);
    const operand = this.#member();
    if (count % 2 === 0) return operand;
    return { op: sign.text === '!' ? '!_' : '-_', args: operand, at: sign.at };
  }

  #startsNumber(): boolean {
    const { kind } = this.#in.peek(1);
    return kind === 'int' || kind === 'float';
  }

  #member(): Node {
    return this.#in.within('member', () => {
      let node = this.#primary();
      for (let count = 1; this.#in.is('.') || this.#in.is('['); count += 1) {
        this.#in.deepen('member', count);
        node = this.#in.is('[') ? this.#index(node) : this.#select(node);
      }
      return node;
    });
  }

  #index(target: Node): Node {
    const { at } = this.#in.take();
    const op = this.#in.skip('?') ? '[?]' : '[]';
    const key = this.#in.before(']', () => this.#expression());
    this.#in.close(']');
    return { op, args: [target, key], at };
  }

  #select(target: Node): Node {
    const dot = this.#in.take();
    const isOptional = this.#in.skip('?');
    const name = this.#in.token;
    if (name.kind !== 'name' && name.kind !== 'quoted') throw this.#badName(dot, name, isOptional);
    this.#in.take();
    if (name.kind === 'quoted') this.#issues.report(name.at, "unsupported syntax: '`'");
    if (isOptional) return { op: '.?', args: [target, name.text], at: dot.at };
    if (!this.#in.is('(')) return { op: '.', args: [target, name.text], at: dot.at };
    const { at } = this.#in.take();
    const args = this.#arguments();
    const expansion = this.#expand(() => expandMemberCall(name.text, target, args, at));
    return { op: 'rcall', args: [name.text, target, args], at, expansion };
  }

  #badName(dot: Token, name: Token, isOptional: boolean): Stop {
    const { text } = name;
    if (isOptional) return this.#in.syntax(name, `mismatched input '${text}' expecting {IDENTIFIER, ESC_IDENTIFIER}`);
    if (text === 'true' || text === 'false' || text === 'null') {
      return this.#in.syntax(name, `mismatched input '${text}' expecting IDENTIFIER`);
    }
    return this.#in.noAlternative(dot, name);
  }

  #expand(run: () => Node | undefined): Node | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof MacroError)) throw error;
      this.#issues.report(error.at, error.message);
      return undefined;
    }
  }

  #arguments(): Node[] {
    const args: Node[] = [];
    if (this.#in.skip(')')) return args;
    if (!begins(this.#in.token))
      throw this.#in.syntax(this.#in.token, `mismatched input '${this.#in.token.text}' expecting ${anyArgument}`);
    this.#in.before(') ,', () => {
      do args.push(this.#expression());
      while (this.#in.skip(','));
    });
    this.#in.close(')');
    return args;
  }

  #primary(): Node {
    const token = this.#in.token;
    if (!begins(token) || this.#in.is('!')) return this.#unexpected(token);
    switch (token.kind) {
      case 'name':
        return this.#named();
      case 'operator':
        return this.#bracketed(token);
      default:
        return this.#literal(this.#in.take(), '');
    }
  }

  #unexpected(token: Token): Node {
    if (token.kind !== 'end' && begins(this.#in.peek(1))) {
      this.#issues.report(token.at, `Syntax error: extraneous input '${token.text}' expecting ${anyBeginning}`);
      this.#in.take();
      return this.#unary();
    }
    throw this.#in.syntax(token, `mismatched input '${token.text}' expecting ${anyBeginning}`);
  }

  #bracketed(token: Token): Node {
    switch (token.text) {
      case '.':
        return this.#named();
      case '(': {
        this.#in.take();
        const node = this.#in.before(')', () => this.#expression());
        this.#in.close(')');
        return node;
      }
      case '[':
        return this.#list(this.#in.take());
      case '{':
        return this.#map(this.#in.take());
      case '-':
        this.#in.take();
        return this.#literal(this.#in.take(), '-', token.at);
      default:
        this.#in.take();
        return { op: 'value', args: token.text === 'null' ? null : token.text === 'true', at: token.at };
    }
  }

  #named(): Node {
    const start = this.#in.token;
    if (this.#in.skip('.') && this.#in.token.kind !== 'name') throw this.#badName(start, this.#in.token, false);
    const type = this.#typeName();
    if (type !== undefined) return this.#object(type);
    const token = this.#in.take();
    const { at } = token;
    if (reserved.has(token.text)) this.#issues.report(start.at, `reserved identifier: ${token.text}`);
    const text = start.text === '.' ? `.${token.text}` : token.text;
    if (!this.#in.is('(')) return { op: 'id', args: text, at };
    const open = this.#in.take();
    const args = this.#arguments();
    const expansion = this.#expand(() => expandCall(text, args, open.at));
    return { op: 'call', args: [text, args], at: open.at, expansion };
  }

  /** `a.b` before a brace. */
  #typeName(): string | undefined {
    let length = 1;
    while (this.#in.peek(length).text === '.' && this.#in.peek(length + 1).kind === 'name') length += 2;
    const brace = this.#in.peek(length);
    if (brace.kind !== 'operator' || brace.text !== '{') return undefined;
    return Array.from({ length }, () => this.#in.take().text).join('');
  }

  #object(type: string): Node {
    const { at } = this.#in.take();
    const fields: FieldNode[] = [];
    this.#entries('}', () => {
      const isOptional = this.#in.skip('?');
      const name = this.#in.take();
      if (name.kind !== 'name' && name.kind !== 'quoted') {
        throw this.#in.syntax(
          name,
          `mismatched input '${name.text}' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}`,
        );
      }
      if (name.kind === 'quoted') this.#issues.report(name.at, "unsupported syntax: '`'");
      const colon = this.#in.expect(':');
      fields.push({ at: colon.at, name: name.text, value: this.#expression(), isOptional });
    });
    return { op: 'object', args: [type, fields], at };
  }

  #list({ at }: Token): Node {
    const args: Node[] = [];
    const optionals = new Set<number>();
    this.#entries(']', () => {
      if (this.#in.skip('?')) optionals.add(args.length);
      args.push(this.#expression());
    });
    return { op: 'list', args, at, optionals };
  }

  #map({ at }: Token): Node {
    const args: (readonly [Node, Node])[] = [];
    const optionals = new Set<number>();
    this.#entries('}', () => {
      if (this.#in.skip('?')) optionals.add(args.length);
      const key = this.#in.before(':', () => this.#expression());
      this.#in.expect(':');
      args.push([key, this.#expression()]);
    });
    return { op: 'map', args, at, optionals };
  }

  /** What is between brackets; a comma may follow the last. */
  #entries(close: string, entry: () => void): void {
    if (this.#in.is(',') && this.#in.peek(1).text === close) this.#in.take();
    while (!this.#in.skip(close)) {
      this.#in.before(`${close} ,`, entry);
      if (this.#in.skip(',') || this.#in.is(close)) continue;
      const next = this.#in.peek(1);
      const canGoOn = next.kind === 'operator' && (next.text === close || next.text === ',');
      const problem = `input '${this.#in.token.text}' expecting {'${close}', ','}`;
      if (!canGoOn) throw this.#in.syntax(this.#in.token, `mismatched ${problem}`);
      this.#issues.report(this.#in.token.at, `Syntax error: extraneous ${problem}`);
      this.#in.take();
      this.#in.skip(',');
    }
  }

  #literal(token: Token, sign: '' | '-', at = token.at): Node {
    return { op: 'value', args: this.#valueOf(token, sign, at), at };
  }

  #valueOf({ kind, text }: Token, sign: '' | '-', at: number): Literal {
    try {
      switch (kind) {
        case 'string':
          return textOf(text);
        case 'bytes':
          return bytesOf(text);
        case 'float':
          return finite(Number(sign + text));
        case 'uint':
          return new CelUnsigned(fitting(BigInt(text.slice(0, -1)), 0n, 2n ** 64n - 1n, 'uint'));
        default: {
          const size = BigInt(text);
          return fitting(sign === '-' ? -size : size, -(2n ** 63n), 2n ** 63n - 1n, 'int');
        }
      }
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error;
      this.#issues.report(at, error.message);
      return null;
    }
  }
}

function fitting(value: bigint, least: bigint, most: bigint, type: string): bigint {
  if (value < least || value > most) throw new LiteralError(`invalid ${type} literal`);
  return value;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new LiteralError('invalid double literal');
  return value;
}
