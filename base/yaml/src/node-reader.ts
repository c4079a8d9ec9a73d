import { formatFloat } from '@flux/gotypes';
import { AnchorTable } from './anchors.ts';
import type { Cursor, Mark } from './cursor.ts';
import { formatGoSyntax } from './go-syntax.ts';
import { type Key, MappingBuilder, nullKey } from './mapping-builder.ts';
import { parseInteger, resolvePlain } from './resolve.ts';
import { resolveTagged, shortenTag } from './tags.ts';
import type { Token, TokenKind, TokenStream } from './tokens.ts';
import { YamlError } from './yaml-error.ts';

export interface ComposeOptions {
  isStrict: boolean;
  maxAliases: number;
  integralFloatsAsText: boolean;
}

type NodeKind = 'mapping' | 'scalar' | 'sequence';

/** Anchor and tag in front of a node. */
interface Properties {
  anchor: string | undefined;
  tag: string;
  mark: Mark;
}

const noTag = '';
const endsBlockItem = new Set<TokenKind>(['key', 'value', 'block-end']);
const endsFlowMappingItem = new Set<TokenKind>(['value', 'flow-entry', 'flow-mapping-end']);
const endsFlowPairItem = new Set<TokenKind>(['value', 'flow-entry', 'flow-sequence-end']);

/**
 * Reads the root node of one document from tokens, building its value as they arrive. A problem of meaning (a bad merge,
 * an infinite number) is kept until the whole document has been read, because go-yaml decodes after it has parsed.
 */
export class NodeReader {
  readonly #cursor: Cursor;
  readonly #tokens: TokenStream;
  readonly #isStrict: boolean;
  readonly #integralFloatsAsText: boolean;
  readonly #tagPrefixes: ReadonlyMap<string, string>;
  readonly #anchors: AnchorTable;
  readonly #duplicates: string[] = [];
  #firstProblem: YamlError | undefined;
  /** What is YAML but no JSON, into which go-yaml's values are turned last. */
  #jsonProblem: YamlError | undefined;
  /** Facts about the node read last, which matter when it is a key. */
  #kind: NodeKind = 'scalar';
  #rawText = '';
  #isImplicit = false;
  #isAlias = false;
  #line = 0;

  constructor(cursor: Cursor, tokens: TokenStream, tagPrefixes: ReadonlyMap<string, string>, options: ComposeOptions) {
    this.#cursor = cursor;
    this.#tokens = tokens;
    this.#tagPrefixes = tagPrefixes;
    this.#isStrict = options.isStrict;
    this.#integralFloatsAsText = options.integralFloatsAsText;
    this.#anchors = new AnchorTable(options.maxAliases);
  }

  readRoot(): unknown {
    return this.#valueOf(this.#readNode(true, false));
  }

  /** Throws the first problem of meaning, now that the syntax is known to be good. */
  reportProblems(): void {
    const problem = this.#firstProblem ?? this.#jsonProblem;
    if (problem !== undefined) throw problem;
    if (this.#duplicates.length === 0) return;
    const line = Number(/^line (\d+)/.exec(this.#duplicates[0] ?? '')?.[1]);
    const message = `yaml: unmarshal errors:\n  ${this.#duplicates.join('\n  ')}`;
    throw new YamlError(message, { file: this.#cursor.file, line });
  }

  #readNode(isBlock: boolean, mayBeIndentless: boolean): unknown {
    let token = this.#tokens.peek();
    if (token.kind === 'alias') return this.#readAlias(token);
    const properties = this.#readProperties(token);
    token = this.#tokens.peek();
    const anchor = this.#anchors.open(properties.anchor);
    const value = this.#readContent(token, properties, isBlock, mayBeIndentless);
    this.#anchors.close(anchor, value);
    this.#line = properties.mark.line;
    return value;
  }

  #readContent(token: Token, properties: Properties, isBlock: boolean, mayBeIndentless: boolean): unknown {
    if (mayBeIndentless && token.kind === 'block-entry') return this.#readIndentlessSequence();
    switch (token.kind) {
      case 'scalar':
        this.#tokens.skip();
        return this.#finishScalar(token.value, token.isPlain, properties.tag);
      case 'flow-sequence-start':
        return this.#readFlowSequence(token);
      case 'flow-mapping-start':
        return this.#readFlowMapping(token);
      case 'block-sequence-start':
        if (isBlock) return this.#readBlockSequence(token);
        break;
      case 'block-mapping-start':
        if (isBlock) return this.#readBlockMapping(token);
        break;
      default:
        break;
    }
    if (properties.anchor !== undefined || properties.tag !== noTag)
      return this.#finishScalar('', true, properties.tag);
    throw this.#grammarError('did not find expected node content', token, properties.mark);
  }

  #readProperties(first: Token): Properties {
    let anchor: string | undefined;
    let tagToken: Token | undefined;
    let token = first;
    for (let count = 0; count < 2; count += 1) {
      if (token.kind === 'anchor' && anchor === undefined) anchor = token.value;
      else if (token.kind === 'tag' && tagToken === undefined) tagToken = token;
      else break;
      token = this.#advance();
    }
    return { anchor, tag: tagToken === undefined ? noTag : this.#fullTag(tagToken, first.mark), mark: first.mark };
  }

  #fullTag(token: Token, start: Mark): string {
    const { handle = '', suffix = '' } = token.tag ?? {};
    if (handle === '') return shortenTag(suffix);
    const prefix = this.#tagPrefixes.get(handle);
    if (prefix === undefined) throw this.#grammarError('found undefined tag handle', token, start);
    return shortenTag(prefix + suffix);
  }

  #finishScalar(text: string, isPlain: boolean, explicitTag: string): unknown {
    // The tag `!` makes a string in v2 and nothing in v3.
    const tag = explicitTag === '!' && this.#cursor.mode === 'v3' ? noTag : explicitTag;
    this.#kind = 'scalar';
    this.#isAlias = false;
    this.#rawText = text;
    this.#isImplicit = (isPlain && tag === noTag) || tag === '!' || tag === '!!merge';
    if (tag === noTag) return isPlain ? this.#resolve(text) : text;
    const resolved = resolveTagged(tag, text, this.#cursor.mode);
    if ('value' in resolved) return resolved.value;
    this.#defer(`yaml: ${resolved.problem}`);
    return null;
  }

  #resolve(text: string): unknown {
    const value = resolvePlain(text, this.#cursor.mode);
    const isText = this.#integralFloatsAsText && Number.isInteger(value) && parseInteger(text) === undefined;
    return isText ? formatFloat(Number(value), { bits: 32 }) : value;
  }

  #emptyScalar(mark: Mark): null {
    this.#anchors.open(undefined);
    this.#finishScalar('', true, noTag);
    this.#line = mark.line;
    return null;
  }

  #readAlias(token: Token): unknown {
    const found = this.#anchors.resolve(token.value);
    if (found === undefined) throw this.#plainError(`unknown anchor '${token.value}' referenced`, token);
    this.#tokens.skip();
    this.#line = token.mark.line;
    this.#rawText = token.value;
    this.#isImplicit = false;
    this.#isAlias = true;
    if (found.problem !== undefined) this.#defer(`yaml: ${found.problem}`);
    const { value } = found;
    this.#kind = Array.isArray(value) ? 'sequence' : typeof value === 'object' && value !== null ? 'mapping' : 'scalar';
    return value;
  }

  #readBlockSequence(start: Token): unknown[] {
    const items: unknown[] = [];
    let token = this.#advance();
    while (token.kind === 'block-entry') {
      const { mark } = token;
      token = this.#advance();
      const isEmpty = token.kind === 'block-entry' || token.kind === 'block-end';
      items.push(this.#valueOf(isEmpty ? this.#emptyScalar(mark) : this.#readNode(true, false)));
      token = this.#tokens.peek();
    }
    if (token.kind !== 'block-end') throw this.#grammarError("did not find expected '-' indicator", token, start.mark);
    this.#tokens.skip();
    this.#close('sequence');
    return items;
  }

  /** A sequence that is a value and whose dashes stand under its key, not right of it. */
  #readIndentlessSequence(): unknown[] {
    const items: unknown[] = [];
    let token = this.#tokens.peek();
    while (token.kind === 'block-entry') {
      const { mark } = token;
      token = this.#advance();
      const isEmpty = token.kind === 'block-entry' || endsBlockItem.has(token.kind);
      items.push(this.#valueOf(isEmpty ? this.#emptyScalar(mark) : this.#readNode(true, false)));
      token = this.#tokens.peek();
    }
    this.#close('sequence');
    return items;
  }

  #readBlockMapping(start: Token): unknown {
    const builder = this.#newMapping();
    let token = this.#advance();
    while (token.kind === 'key') {
      const { mark } = token;
      token = this.#advance();
      this.#setKey(builder, endsBlockItem.has(token.kind) ? this.#emptyScalar(mark) : this.#readNode(true, true));
      this.#readBlockValue(builder);
      token = this.#tokens.peek();
    }
    if (token.kind !== 'block-end') throw this.#grammarError('did not find expected key', token, start.mark);
    this.#tokens.skip();
    return this.#finishMapping(builder);
  }

  #readBlockValue(builder: MappingBuilder): void {
    let token = this.#tokens.peek();
    const { mark } = token;
    const hasValue = token.kind === 'value';
    if (hasValue) token = this.#advance();
    this.#setValue(
      builder,
      !hasValue || endsBlockItem.has(token.kind) ? this.#emptyScalar(mark) : this.#readNode(true, true),
    );
  }

  #readFlowSequence(start: Token): unknown[] {
    const items: unknown[] = [];
    let token = this.#advance();
    while (token.kind !== 'flow-sequence-end') {
      if (items.length > 0) {
        if (token.kind !== 'flow-entry')
          throw this.#grammarError("did not find expected ',' or ']'", token, start.mark);
        token = this.#advance();
        if (token.kind === 'flow-sequence-end') break;
      }
      items.push(this.#valueOf(token.kind === 'key' ? this.#readFlowPair() : this.#readNode(false, false)));
      token = this.#tokens.peek();
    }
    this.#tokens.skip();
    this.#close('sequence');
    return items;
  }

  /** `[a: 1]`: a mapping of one pair without braces. */
  #readFlowPair(): unknown {
    this.#anchors.open(undefined);
    const builder = this.#newMapping();
    let token = this.#advance();
    if (endsFlowPairItem.has(token.kind)) {
      // libyaml skips the token here, whatever it is.
      this.#setKey(builder, this.#emptyScalar(token.mark));
      token = this.#advance();
    } else {
      this.#setKey(builder, this.#readNode(false, false));
      token = this.#tokens.peek();
    }
    if (token.kind === 'value') {
      token = this.#advance();
      const isEmpty = token.kind === 'flow-entry' || token.kind === 'flow-sequence-end';
      this.#setValue(builder, isEmpty ? this.#emptyScalar(token.mark) : this.#readNode(false, false));
    } else {
      this.#setValue(builder, this.#emptyScalar(token.mark));
    }
    return this.#finishMapping(builder);
  }

  #readFlowMapping(start: Token): unknown {
    const builder = this.#newMapping();
    let token = this.#advance();
    for (let isFirst = true; token.kind !== 'flow-mapping-end'; isFirst = false) {
      if (!isFirst) {
        if (token.kind !== 'flow-entry')
          throw this.#grammarError("did not find expected ',' or '}'", token, start.mark);
        token = this.#advance();
        if (token.kind === 'flow-mapping-end') break;
      }
      this.#readFlowEntry(builder, token);
      token = this.#tokens.peek();
    }
    this.#tokens.skip();
    return this.#finishMapping(builder);
  }

  #readFlowEntry(builder: MappingBuilder, first: Token): void {
    if (first.kind !== 'key') {
      this.#setKey(builder, this.#readNode(false, false));
      this.#setValue(builder, this.#emptyScalar(this.#tokens.peek().mark));
      return;
    }
    let token = this.#advance();
    this.#setKey(
      builder,
      endsFlowMappingItem.has(token.kind) ? this.#emptyScalar(token.mark) : this.#readNode(false, false),
    );
    token = this.#tokens.peek();
    const hasValue = token.kind === 'value';
    if (hasValue) token = this.#advance();
    const isEmpty = !hasValue || token.kind === 'flow-entry' || token.kind === 'flow-mapping-end';
    this.#setValue(builder, isEmpty ? this.#emptyScalar(token.mark) : this.#readNode(false, false));
  }

  #close(kind: 'sequence' | 'mapping'): void {
    this.#kind = kind;
    this.#isAlias = false;
  }

  #newMapping(): MappingBuilder {
    return new MappingBuilder(this.#cursor.mode, this.#isStrict, this.#duplicates);
  }

  #finishMapping(builder: MappingBuilder): unknown {
    this.#close('mapping');
    return builder.finish();
  }

  #setKey(builder: MappingBuilder, value: unknown): void {
    if (this.#kind === 'scalar' && !this.#isAlias) builder.checkRepeated(this.#rawText, this.#line);
    if (this.#kind === 'scalar' && this.#rawText === '<<' && this.#isImplicit) builder.startMerge();
    else builder.startEntry(this.#keyOf(value));
  }

  #setValue(builder: MappingBuilder, value: unknown): void {
    // A list of mappings has to stand where it is merged.
    const source = builder.isMerging && this.#isAlias && this.#kind === 'sequence' ? null : value;
    const problem = builder.setValue(this.#valueOf(source), this.#line);
    if (problem !== undefined) this.#defer(problem);
  }

  #keyOf(value: unknown): Key {
    const { mode } = this.#cursor;
    if (this.#kind !== 'scalar') {
      this.#defer(`yaml: invalid map key: ${formatGoSyntax(value, mode)}`);
      return { text: '', shown: '""' };
    }
    if (typeof value === 'string') return { text: value, shown: JSON.stringify(value) };
    // v3 refuses other keys when it comes to JSON, which helps nobody: they are taken as they are written.
    if (mode === 'v3') return { text: this.#rawText, shown: this.#rawText };
    if (value === null) return { text: nullKey, shown: '<nil>' };
    const text = typeof value === 'number' ? this.#numberKey(value) : String(value);
    return { text, shown: text };
  }

  #numberKey(value: number): string {
    if (parseInteger(this.#rawText) !== undefined) return String(value);
    if (Number.isFinite(value)) return formatFloat(value, { bits: 32 });
    return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  }

  #valueOf(value: unknown): unknown {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    this.#jsonProblem ??= this.#problem(`json: unsupported value: ${formatFloat(value)}`);
    return null;
  }

  #defer(message: string): void {
    this.#firstProblem ??= this.#problem(message);
  }

  #problem(message: string): YamlError {
    return new YamlError(message, { file: this.#cursor.file, line: this.#line + 1 });
  }

  #advance(): Token {
    this.#tokens.skip();
    return this.#tokens.peek();
  }

  #grammarError(problem: string, token: Token, context?: Mark): YamlError {
    const at = { line: token.mark.line, column: token.mark.column };
    return this.#cursor.error(problem, context === undefined ? at : { ...at, contextLine: context.line });
  }

  #plainError(problem: string, token: Token): YamlError {
    return new YamlError(`yaml: ${problem}`, { file: this.#cursor.file, line: token.mark.line + 1 });
  }
}
