import type { Cursor, Mark } from './cursor.ts';
import { type ComposeOptions, NodeReader } from './node-reader.ts';
import { type Token, type TokenKind, TokenStream } from './tokens.ts';
import type { YamlError } from './yaml-error.ts';

const endsDocument = new Set<TokenKind>(['directive', 'document-start', 'document-end', 'stream-end']);

/** The complete reader: the documents of any YAML 1.1 stream that libyaml reads, with its error messages. */
export class Composer {
  readonly #cursor: Cursor;
  readonly #options: ComposeOptions;
  readonly #tokens: TokenStream;

  constructor(cursor: Cursor, options: ComposeOptions) {
    this.#cursor = cursor;
    this.#options = options;
    this.#tokens = new TokenStream(cursor);
  }

  /** The next document of the stream, or undefined at its end. Only the first may lack its `---`. */
  nextDocument(isFirst: boolean): { value: unknown } | undefined {
    let token = this.#tokens.peek();
    while (!isFirst && token.kind === 'document-end') token = this.#advance();
    if (token.kind === 'stream-end') return undefined;
    const isImplicit = isFirst && token.kind !== 'directive' && token.kind !== 'document-start';
    const tagPrefixes = this.#readDirectives();
    token = this.#tokens.peek();
    if (!isImplicit) {
      if (token.kind !== 'document-start') throw this.#error('did not find expected <document start>', token);
      token = this.#advance();
    }
    const reader = new NodeReader(this.#cursor, this.#tokens, tagPrefixes, this.#options);
    const isEmpty = !isImplicit && endsDocument.has(token.kind);
    const value = isEmpty ? null : reader.readRoot();
    if (this.#tokens.peek().kind === 'document-end') this.#tokens.skip();
    reader.reportProblems();
    return { value };
  }

  /** Where the next document starts, if it starts with a `---` that follows at once. */
  nextDocumentStart(): Mark | undefined {
    const token = this.#tokens.peek();
    return token.kind === 'document-start' ? token.mark : undefined;
  }

  #readDirectives(): Map<string, string> {
    const prefixes = new Map<string, string>();
    let hasVersion = false;
    for (let token = this.#tokens.peek(); token.directive !== undefined; token = this.#advance()) {
      const { directive } = token;
      if (directive.name === 'TAG') {
        if (prefixes.has(directive.handle)) throw this.#error('found duplicate %TAG directive', token);
        prefixes.set(directive.handle, directive.prefix);
        continue;
      }
      if (hasVersion) throw this.#error('found duplicate %YAML directive', token);
      hasVersion = true;
      const isSupported = directive.major === 1 && directive.minor === 1;
      if (!isSupported) throw this.#error('found incompatible YAML document', token);
    }
    if (!prefixes.has('!')) prefixes.set('!', '!');
    if (!prefixes.has('!!')) prefixes.set('!!', 'tag:yaml.org,2002:');
    return prefixes;
  }

  #advance(): Token {
    this.#tokens.skip();
    return this.#tokens.peek();
  }

  #error(problem: string, token: Token): YamlError {
    return this.#cursor.error(problem, { line: token.mark.line, column: token.mark.column });
  }
}
