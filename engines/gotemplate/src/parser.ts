import { describeToken, Lexer, type Token, type TokenType } from './lexer.ts';
import { nodeText } from './node-text.ts';
import {
  type Branch,
  type Chain,
  type Command,
  isEmptyTree,
  type List,
  type Node,
  type Operand,
  type Pipe,
  type Tree,
} from './nodes.ts';
import { parseNumber } from './number.ts';
import { quote, unquote } from './quote.ts';
import { TemplateError } from './template-error.ts';
import { TokenBuffer } from './token-buffer.ts';
import type { KnownAction, Vocabulary } from './vocabulary.ts';

/** Parentheses and branches nested deeper than this are refused, so that the stack cannot overflow. */
const maxDepth = 500;
/** Known actions are looked for to this depth; they may hold as many parentheses as they are long. */
const maxDepthOfKnown = 200;
const operandStarts = new Set<TokenType>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);
const constants = new Set(['bool', 'dot', 'nil', 'number', 'string']);

interface Source {
  readonly name: string;
  readonly text: string;
  readonly lexer: Lexer;
  readonly vocabulary: Vocabulary;
  readonly trees: Map<string, Tree>;
}

/** Parses one file: the template of its name and those that it defines. Throws `TemplateError` with Go's texts. */
export function parseTemplate(name: string, text: string, vocabulary: Vocabulary): Map<string, Tree> {
  const trees = new Map<string, Tree>();
  vocabulary.begin(text);
  const lexer = new Lexer(text, vocabulary.functions);
  new TreeParser({ name, text, lexer, vocabulary, trees }, 0).file();
  return trees;
}

/** Parses one template of a file; those defined inside get parsers of their own over the same lexer, as in Go. */
class TreeParser {
  readonly #source: Source;
  readonly #tokens: TokenBuffer;
  #variables = ['$'];
  #rangeDepth = 0;
  #depth: number;
  /** Variables that the action which is being read uses. */
  #used: string[] = [];
  /** Where the action began that is being read; -1 outside of actions. */
  #actionStart = -1;

  constructor(source: Source, depth: number) {
    this.#source = source;
    this.#tokens = new TokenBuffer(source.lexer);
    this.#depth = depth;
  }

  file(): void {
    const root: List = { type: 'list', position: this.#tokens.peek().position, nodes: [] };
    while (this.#tokens.peek().type !== 'eof') {
      if (this.#tokens.peek().type === 'leftDelim') {
        const delimiter = this.#tokens.next();
        const node = this.#knownAction();
        if (node !== undefined) {
          this.#addTo(root, node);
          continue;
        }
        const word = this.#tokens.next();
        if (word.type === 'keyword' && word.value === 'define') {
          new TreeParser(this.#source, this.#depth).#definition();
          continue;
        }
        this.#tokens.backup2(delimiter);
      }
      this.#addTo(root, this.#textOrAction());
    }
    this.#add(this.#source.name, root);
  }

  #addTo(root: List, node: Node): void {
    if (node.type === 'end' || node.type === 'else') this.#fail(`unexpected ${nodeText(node)}`);
    root.nodes.push(node);
  }

  #definition(): void {
    const context = 'define clause';
    const token = this.#tokens.next();
    const name = this.#templateName(token, context);
    this.#expect('rightDelim', context);
    this.#body(name, context);
  }

  #body(name: string, context: string): void {
    const { list, end } = this.#itemList();
    if (end.type !== 'end') this.#fail(`unexpected ${nodeText(end)} in ${context}`);
    this.#add(name, list);
  }

  #add(name: string, root: List): void {
    const { trees, name: source, text } = this.#source;
    const tree: Tree = { name, source, text, root };
    const old = trees.get(name);
    if (old === undefined || isEmptyTree(old)) trees.set(name, tree);
    else if (!isEmptyTree(tree)) this.#fail(`template: multiple definition of template ${quote(name)}`);
  }

  #fail(message: string): never {
    const token = this.#tokens.latest;
    const line = token === undefined ? 0 : this.#lineOf(token.position);
    throw new TemplateError(`template: ${this.#source.name}:${line}: ${message}`);
  }

  /** Counted only when a message needs it. */
  #lineOf(position: number): number {
    return this.#source.text.slice(0, position).split('\n').length;
  }

  #expect(type: TokenType, context: string): Token {
    const token = this.#tokens.next();
    if (token.type !== type) this.#unexpected(token, context);
    return token;
  }

  #unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return this.#fail(`unexpected ${describeToken(token)} in ${context}`);
    const line = this.#actionStart < 0 ? undefined : this.#lineOf(this.#actionStart);
    if (line === undefined || line === this.#lineOf(token.position)) return this.#fail(token.value);
    const started = `started at ${this.#source.name}:${line}`;
    return this.#fail(`${token.value}${token.value.endsWith(' action') ? '' : ' in action'} ${started}`);
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) this.#fail('max expression depth exceeded');
    const result = parse();
    this.#depth--;
    return result;
  }

  #itemList(): { list: List; end: Node } {
    const list: List = { type: 'list', position: this.#tokens.peek().position, nodes: [] };
    while (this.#tokens.peek().type !== 'eof') {
      const node = this.#textOrAction();
      if (node.type === 'end' || node.type === 'else') return { list, end: node };
      list.nodes.push(node);
    }
    return this.#fail('unexpected EOF');
  }

  #textOrAction(): Node {
    const token = this.#tokens.next();
    if (token.type === 'text') return { type: 'text', position: token.position, shift: 0, text: token.value };
    if (token.type !== 'leftDelim') return this.#unexpected(token, 'input');
    this.#actionStart = token.position;
    const node = (this.#tokens.isEmpty ? this.#knownAction() : undefined) ?? this.#action();
    this.#actionStart = -1;
    return node;
  }

  /** The action that begins here, if one of the same text was read before; nothing is read otherwise. */
  #knownAction(): Node | undefined {
    const { lexer, vocabulary } = this.#source;
    const text = this.#depth > maxDepthOfKnown ? undefined : lexer.actionText();
    const known = text === undefined ? undefined : vocabulary.find(text);
    if (text === undefined || known === undefined) return undefined;
    for (const name of known.uses) if (!this.#variables.includes(name)) return undefined;
    const shift = lexer.actionStart - known.start;
    const { position } = this.#tokens.skipAction(text);
    const { action } = known;
    if (action.type === 'end' || action.type === 'else') return { type: action.type, position, shift: 0 };
    const mark = this.#variables.length;
    for (const { names } of action.pipe?.declared ?? []) this.#variables.push(names[0] ?? '');
    if (action.type === 'action' || action.type === 'template') return { ...action, shift };
    const { type, pipe } = action;
    return this.#deeper(() => this.#branchBody({ type, pipe, shift }, mark));
  }

  /** Remembers the action whose closing delimiter was just read, and which declared the variables from the mark on. */
  #keep(action: KnownAction['action'], mark = this.#variables.length): void {
    const { lexer, vocabulary } = this.#source;
    const text = lexer.actionText();
    const start = lexer.actionStart;
    if (text === undefined || this.#tokens.latest?.position !== start + text.length) return;
    const declared = 'pipe' in action ? (action.pipe?.declared.length ?? 0) : 0;
    // parentheses can declare variables, too; nobody does that
    if (this.#variables.length - mark !== declared) return;
    vocabulary.keep(text, { start, action, uses: this.#used });
  }

  #action(): Node {
    this.#used = [];
    const token = this.#tokens.next();
    if (token.type === 'keyword') {
      switch (token.value) {
        case 'block':
          return this.#block();
        case 'break':
        case 'continue':
          return this.#jump(token.value, token.position);
        case 'else':
          return this.#else();
        case 'end':
          return this.#end();
        case 'if':
        case 'range':
        case 'with':
          return this.#branch(token.value, true);
        case 'template':
          return this.#templateCall();
      }
    }
    this.#tokens.backup();
    const { position } = this.#tokens.peek();
    const mark = this.#variables.length;
    const pipe = this.#pipeline('command', 'rightDelim');
    this.#keep({ type: 'action', position, pipe }, mark);
    return { type: 'action', position, shift: 0, pipe };
  }

  #end(): Node {
    const { position } = this.#expect('rightDelim', 'end');
    this.#keep({ type: 'end' });
    return { type: 'end', position, shift: 0 };
  }

  #jump(type: 'break' | 'continue', position: number): Node {
    const token = this.#tokens.next();
    if (token.type !== 'rightDelim') this.#unexpected(token, `{{${type}}}`);
    if (this.#rangeDepth === 0) this.#fail(`{{${type}}} outside {{range}}`);
    return { type, position, shift: 0 };
  }

  #else(): Node {
    const next = this.#tokens.peek();
    if (isKeyword(next, 'if') || isKeyword(next, 'with')) return { type: 'else', position: next.position, shift: 0 };
    const { position } = this.#expect('rightDelim', 'else');
    this.#keep({ type: 'else' });
    return { type: 'else', position, shift: 0 };
  }

  /** `beginsAction` is false behind an `else`. */
  #branch(type: Branch['type'], beginsAction: boolean): Branch {
    return this.#deeper(() => {
      const mark = this.#variables.length;
      const pipe = this.#pipeline(type, 'rightDelim');
      if (beginsAction) this.#keep({ type, position: pipe.position, pipe }, mark);
      return this.#branchBody({ type, pipe, shift: 0 }, mark);
    });
  }

  /** What follows the pipeline of a branch, whose variables begin at the mark. */
  #branchBody({ type, pipe, shift }: Pick<Branch, 'type' | 'pipe' | 'shift'>, mark: number): Branch {
    if (type === 'range') this.#rangeDepth++;
    const { list, end } = this.#itemList();
    if (type === 'range') this.#rangeDepth--;
    const elseList = end.type === 'else' ? this.#alternative(type, end.position) : undefined;
    this.#variables.length = mark;
    return { type, position: pipe.position, shift, pipe, list, elseList };
  }

  #alternative(type: Branch['type'], position: number): List {
    if (type !== 'range' && isKeyword(this.#tokens.peek(), type)) {
      this.#tokens.next();
      return { type: 'list', position, nodes: [this.#branch(type, false)] };
    }
    const { list, end } = this.#itemList();
    if (end.type !== 'end') this.#fail(`expected end; found ${nodeText(end)}`);
    return list;
  }

  #block(): Node {
    const context = 'block clause';
    const token = this.#tokens.next();
    const name = this.#templateName(token, context);
    const pipe = this.#pipeline(context, 'rightDelim');
    this.#deeper(() => new TreeParser(this.#source, this.#depth).#body(name, context));
    return { type: 'template', position: token.position, shift: 0, name, pipe };
  }

  #templateCall(): Node {
    const context = 'template clause';
    const token = this.#tokens.next();
    const name = this.#templateName(token, context);
    const mark = this.#variables.length;
    let pipe: Pipe | undefined;
    if (this.#tokens.next().type !== 'rightDelim') {
      this.#tokens.backup();
      pipe = this.#pipeline(context, 'rightDelim');
    }
    this.#keep({ type: 'template', position: token.position, name, pipe }, mark);
    return { type: 'template', position: token.position, shift: 0, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    if (token.type !== 'string' && token.type !== 'rawString') return this.#unexpected(token, context);
    return this.#unquote(token);
  }

  #unquote(token: Token): string {
    return unquote(token.value) ?? this.#fail('invalid syntax');
  }

  #pipeline(context: string, end: TokenType): Pipe {
    const { position } = this.#tokens.peek();
    const pipe: Pipe = { type: 'pipe', position, isAssign: false, declared: [], commands: [], compiled: undefined };
    this.#declarations(pipe, context);
    for (;;) {
      const token = this.#tokens.next();
      if (token.type === end) break;
      if (!operandStarts.has(token.type) && !isKeyword(token, 'nil')) this.#unexpected(token, context);
      this.#tokens.backup();
      pipe.commands.push(this.#command());
    }
    if (pipe.commands.length === 0) this.#fail(`missing value for ${context}`);
    const stage =
      pipe.commands.length < 2
        ? -1
        : pipe.commands.findIndex(({ args }, index) => index > 0 && constants.has(args[0]?.type ?? ''));
    if (stage > 0) this.#fail(`non executable command in pipeline stage ${stage + 1}`);
    return pipe;
  }

  #declarations(pipe: Pipe, context: string): void {
    for (;;) {
      const variable = this.#tokens.peek();
      if (variable.type !== 'variable') return;
      this.#tokens.next();
      const next = this.#tokens.peek();
      const isComma = next.type === 'char' && next.value === ',';
      if (next.type !== 'assign' && next.type !== 'declare' && !isComma) {
        this.#tokens.backup2(variable);
        return;
      }
      this.#tokens.next();
      pipe.declared.push({ type: 'variable', position: variable.position, names: variable.value.split('.') });
      this.#variables.push(variable.value);
      if (!isComma) {
        pipe.isAssign = next.type === 'assign';
        return;
      }
      if (context !== 'range' || pipe.declared.length >= 2) this.#fail(`too many declarations in ${context}`);
      const follows = this.#tokens.peek().type;
      if (follows !== 'variable' && follows !== 'rightDelim' && follows !== 'rightParen') {
        this.#fail('range can only initialize variables');
      }
    }
  }

  #command(): Command {
    const command: Command = { type: 'command', position: this.#tokens.peek().position, args: [] };
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) command.args.push(operand);
      const token = this.#tokens.peek();
      if (token.type === 'rightDelim' || token.type === 'rightParen') break;
      if (token.type !== 'pipe') {
        if (operand !== undefined && token.afterSpace) continue;
        this.#unexpected(token, 'operand');
      }
      this.#tokens.next();
      break;
    }
    if (command.args.length === 0) this.#fail('empty command');
    return command;
  }

  #operand(): Operand | undefined {
    const base = this.#term();
    if (base === undefined || !this.#isJoinedField()) return base;
    const chain: Chain = { type: 'chain', position: this.#tokens.peek().position, base, names: [] };
    while (this.#isJoinedField()) chain.names.push(this.#tokens.next().value.slice(1));
    if (base.type === 'field' || base.type === 'variable') {
      return { type: base.type, position: chain.position, names: [...base.names, ...chain.names] };
    }
    if (constants.has(base.type)) this.#fail(`unexpected . after term ${quote(nodeText(base))}`);
    return chain;
  }

  #isJoinedField(): boolean {
    const token = this.#tokens.peek();
    return token.type === 'field' && !token.afterSpace;
  }

  #term(): Operand | undefined {
    const token = this.#tokens.next();
    const { position, value } = token;
    switch (token.type) {
      case 'identifier':
        if (!this.#source.vocabulary.functions.has(value)) this.#fail(`function ${quote(value)} not defined`);
        return { type: 'identifier', position, name: value };
      case 'dot':
        return { type: 'dot', position };
      case 'variable':
        if (!this.#variables.includes(value)) this.#fail(`undefined variable ${quote(value)}`);
        this.#used.push(value);
        return { type: 'variable', position, names: [value] };
      case 'field':
        return { type: 'field', position, names: [value.slice(1)] };
      case 'bool':
        return { type: 'bool', position, value: value === 'true' };
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.#number(token);
      case 'leftParen':
        return this.#deeper(() => this.#pipeline('parenthesized pipeline', 'rightParen'));
      case 'string':
      case 'rawString':
        return { type: 'string', position, text: value, value: this.#unquote(token) };
      default:
        if (isKeyword(token, 'nil')) return { type: 'nil', position };
        this.#tokens.backup();
        return undefined;
    }
  }

  #number({ position, value }: Token): Operand {
    const number = parseNumber(value);
    if (typeof number === 'string') return this.#fail(number);
    return { type: 'number', position, text: value, number };
  }
}

function isKeyword(token: Token, word: string): boolean {
  return token.type === 'keyword' && token.value === word;
}
