import { isBlankOrEnd, isBreak, isBreakOrEnd } from './characters.ts';
import type { Cursor, Mark } from './cursor.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import { type ScannedDirective, type ScannedTag, scanAnchor, scanDirective, scanTag } from './scan-tag.ts';

export type TokenKind =
  | 'alias'
  | 'anchor'
  | 'block-end'
  | 'block-entry'
  | 'block-mapping-start'
  | 'block-sequence-start'
  | 'directive'
  | 'document-end'
  | 'document-start'
  | 'flow-entry'
  | 'flow-mapping-end'
  | 'flow-mapping-start'
  | 'flow-sequence-end'
  | 'flow-sequence-start'
  | 'key'
  | 'scalar'
  | 'stream-end'
  | 'tag'
  | 'value';

export interface Token {
  readonly kind: TokenKind;
  readonly mark: Mark;
  /** The text of a scalar, or the name of an anchor or alias. */
  readonly value: string;
  readonly isPlain: boolean;
  readonly tag?: ScannedTag;
  readonly directive?: ScannedDirective;
}

/** A place where a key may have begun, to be confirmed by a `:` on the same line. */
interface KeyCandidate {
  isPossible: boolean;
  isRequired: boolean;
  token: number;
  mark: Mark;
}

/** Nesting beyond this is refused: go-yaml allows 10000, which would overflow the stack of whoever walks the result. */
export const maxDepth = 1000;
const longestKey = 1024;
const nowhere: Mark = { position: 0, line: 0, column: 0 };

/**
 * Turns text into YAML tokens. The start of a mapping and its keys are only known once the `:` is seen, so tokens are held
 * back while the next one may still turn out to be a key. The order of checks is that of libyaml: it decides which error
 * is reported for text with several.
 */
export class TokenStream {
  readonly #cursor: Cursor;
  /** v3 of go-yaml reads two tokens ahead for the sake of comments, and so meets scan errors earlier. */
  readonly #lookahead: number;
  #queue: Token[] = [];
  #head = 0;
  #consumed = 0;
  #isAvailable = false;
  #indent = -1;
  #indents: number[] = [];
  #flowLevel = 0;
  #isKeyAllowed = true;
  #candidates: KeyCandidate[] = [{ isPossible: false, isRequired: false, token: 0, mark: nowhere }];
  #candidateByToken = new Map<number, KeyCandidate>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#lookahead = cursor.mode === 'v3' ? 2 : 0;
  }

  peek(): Token {
    if (!this.#isAvailable) this.#fill();
    return this.#queue[this.#head]!;
  }

  skip(): void {
    this.#isAvailable = false;
    this.#consumed += 1;
    this.#head += 1;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
  }

  #fill(): void {
    for (;;) {
      if (this.#queue.length - this.#head > this.#lookahead) {
        const candidate = this.#candidateByToken.get(this.#consumed);
        if (candidate === undefined || !this.#isStillPossible(candidate)) break;
      }
      this.#fetch();
    }
    this.#isAvailable = true;
  }

  #fetch(): true {
    const cursor = this.#cursor;
    this.#skipToToken();
    this.#closeBlocks(cursor.column);
    const code = cursor.code();
    if (code === 0) return this.#fetchEnd();
    if (cursor.column === 0 && code === 0x25) return this.#fetchDirective();
    if (cursor.isAtDocumentIndicator()) return this.#fetchDocumentIndicator(code === 0x2d);
    if (this.#fetchIndicator(code) || this.#fetchNodeStart(code)) return true;
    throw cursor.scanError('found character that cannot start any token', cursor.mark());
  }

  #fetchIndicator(code: number): boolean {
    const isInFlow = this.#flowLevel > 0;
    const isAlone = isBlankOrEnd(this.#cursor.code(1));
    switch (code) {
      case 0x5b:
        return this.#openFlow('flow-sequence-start');
      case 0x7b:
        return this.#openFlow('flow-mapping-start');
      case 0x5d:
        return this.#closeFlow('flow-sequence-end');
      case 0x7d:
        return this.#closeFlow('flow-mapping-end');
      case 0x2c:
        return this.#fetchFlowEntry();
      case 0x2d:
        return isAlone && this.#fetchBlockEntry();
      case 0x3f:
        return (isInFlow || isAlone) && this.#fetchKey();
      case 0x3a:
        return (isInFlow || isAlone) && this.#fetchValue();
      default:
        return false;
    }
  }

  #fetchNodeStart(code: number): boolean {
    const isInFlow = this.#flowLevel > 0;
    switch (code) {
      case 0x2a:
        return this.#fetchNamed('alias');
      case 0x26:
        return this.#fetchNamed('anchor');
      case 0x21:
        return this.#fetchTag();
      case 0x7c:
      case 0x3e:
        return !isInFlow && this.#fetchBlockScalar();
      case 0x27:
      case 0x22:
        return this.#fetchQuoted();
      case 0x2d:
        return this.#fetchPlain(); // a lone dash was an entry
      case 0x3f:
      case 0x3a:
        return !isInFlow && this.#fetchPlain();
      case 0x23:
      case 0x25:
      case 0x40:
      case 0x60:
        return false;
      default:
        return !isBlankOrEnd(code) && this.#fetchPlain();
    }
  }

  #skipToToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      if (cursor.position === 0 && cursor.code() === 0xfeff) {
        cursor.position += 1;
        cursor.lineStart += 1;
      }
      const isTabSkipped = this.#flowLevel > 0 || !this.#isKeyAllowed;
      while (cursor.code() === 32 || (isTabSkipped && cursor.code() === 9)) cursor.position += 1;
      if (cursor.code() === 0x23) while (!isBreakOrEnd(cursor.code())) cursor.position += 1;
      if (!isBreak(cursor.code())) return;
      cursor.readBreak();
      if (this.#flowLevel === 0) this.#isKeyAllowed = true;
    }
  }

  #push(kind: TokenKind, mark: Mark, extra: Partial<Token> = {}): true {
    this.#queue.push({ kind, mark, value: '', isPlain: false, ...extra });
    return true;
  }

  #pushIndicator(kind: TokenKind, width: number): true {
    const mark = this.#cursor.mark();
    this.#cursor.position += width;
    return this.#push(kind, mark);
  }

  #fetchEnd(): true {
    const cursor = this.#cursor;
    if (cursor.column !== 0) {
      cursor.line += 1;
      cursor.lineStart = cursor.position;
    }
    this.#closeBlocks(-1);
    this.#dropCandidate();
    this.#isKeyAllowed = false;
    return this.#push('stream-end', cursor.mark());
  }

  #fetchDirective(): true {
    this.#closeBlocks(-1);
    this.#dropCandidate();
    this.#isKeyAllowed = false;
    const mark = this.#cursor.mark();
    return this.#push('directive', mark, { directive: scanDirective(this.#cursor) });
  }

  #fetchDocumentIndicator(isStart: boolean): true {
    this.#closeBlocks(-1);
    this.#dropCandidate();
    this.#isKeyAllowed = false;
    return this.#pushIndicator(isStart ? 'document-start' : 'document-end', 3);
  }

  #openFlow(kind: TokenKind): true {
    const cursor = this.#cursor;
    this.#saveCandidate();
    this.#candidates.push({ isPossible: false, isRequired: false, token: this.#nextNumber(), mark: cursor.mark() });
    this.#flowLevel += 1;
    if (this.#flowLevel + this.#indents.length > maxDepth) {
      throw cursor.scanError(`exceeded max depth of ${maxDepth}`, cursor.mark());
    }
    this.#isKeyAllowed = true;
    return this.#pushIndicator(kind, 1);
  }

  #closeFlow(kind: TokenKind): true {
    this.#dropCandidate();
    if (this.#flowLevel > 0) {
      this.#flowLevel -= 1;
      const candidate = this.#candidates.pop();
      if (candidate !== undefined) this.#candidateByToken.delete(candidate.token);
    }
    this.#isKeyAllowed = false;
    return this.#pushIndicator(kind, 1);
  }

  #fetchFlowEntry(): true {
    this.#dropCandidate();
    this.#isKeyAllowed = true;
    return this.#pushIndicator('flow-entry', 1);
  }

  #fetchBlockEntry(): true {
    this.#openBlock('block-sequence-start', 'block sequence entries are not allowed in this context');
    this.#dropCandidate();
    this.#isKeyAllowed = true;
    return this.#pushIndicator('block-entry', 1);
  }

  #fetchKey(): true {
    this.#openBlock('block-mapping-start', 'mapping keys are not allowed in this context');
    this.#dropCandidate();
    this.#isKeyAllowed = this.#flowLevel === 0;
    return this.#pushIndicator('key', 1);
  }

  #fetchValue(): true {
    const candidate = this.#candidates.at(-1)!;
    if (this.#isStillPossible(candidate)) {
      // A token that was handed out already cannot be preceded any more; libyaml then appends.
      const isHandedOut = candidate.token < this.#consumed;
      const index = isHandedOut ? this.#queue.length : candidate.token - this.#consumed + this.#head;
      this.#queue.splice(index, 0, { kind: 'key', mark: candidate.mark, value: '', isPlain: false });
      this.#rollIndent(candidate.mark, 'block-mapping-start', isHandedOut ? this.#queue.length : index);
      candidate.isPossible = false;
      this.#candidateByToken.delete(candidate.token);
      this.#isKeyAllowed = false;
    } else {
      this.#openBlock('block-mapping-start', 'mapping values are not allowed in this context');
      this.#isKeyAllowed = this.#flowLevel === 0;
    }
    return this.#pushIndicator('value', 1);
  }

  #fetchNamed(kind: 'alias' | 'anchor'): true {
    this.#saveCandidate();
    this.#isKeyAllowed = false;
    const mark = this.#cursor.mark();
    return this.#push(kind, mark, { value: scanAnchor(this.#cursor) });
  }

  #fetchTag(): true {
    this.#saveCandidate();
    this.#isKeyAllowed = false;
    const mark = this.#cursor.mark();
    return this.#push('tag', mark, { tag: scanTag(this.#cursor) });
  }

  #fetchBlockScalar(): true {
    this.#dropCandidate();
    this.#isKeyAllowed = true;
    const mark = this.#cursor.mark();
    return this.#push('scalar', mark, { value: scanBlockScalar(this.#cursor, this.#indent) });
  }

  #fetchQuoted(): true {
    this.#saveCandidate();
    this.#isKeyAllowed = false;
    const mark = this.#cursor.mark();
    return this.#push('scalar', mark, { value: scanQuoted(this.#cursor) });
  }

  #fetchPlain(): true {
    this.#saveCandidate();
    this.#isKeyAllowed = false;
    const mark = this.#cursor.mark();
    const value = scanPlain(this.#cursor, this.#indent + 1, this.#flowLevel > 0);
    if (this.#cursor.hasCrossedLine) this.#isKeyAllowed = true;
    return this.#push('scalar', mark, { value, isPlain: true });
  }

  /** Starts a block collection at the cursor, unless it continues one or lies inside a flow collection. */
  #openBlock(kind: TokenKind, problem: string): void {
    if (this.#flowLevel > 0) return;
    if (!this.#isKeyAllowed) throw this.#cursor.scanError(problem, this.#cursor.mark());
    this.#rollIndent(this.#cursor.mark(), kind, this.#queue.length);
  }

  #rollIndent(mark: Mark, kind: TokenKind, index: number): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (this.#indents.length > maxDepth) {
      throw this.#cursor.scanError(`exceeded max depth of ${maxDepth}`, this.#candidates.at(-1)!.mark);
    }
    this.#queue.splice(index, 0, { kind, mark, value: '', isPlain: false });
  }

  #closeBlocks(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#push('block-end', this.#cursor.mark());
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #nextNumber(): number {
    return this.#consumed + this.#queue.length - this.#head;
  }

  #saveCandidate(): void {
    if (!this.#isKeyAllowed) return;
    const isRequired = this.#flowLevel === 0 && this.#indent === this.#cursor.column;
    this.#dropCandidate();
    const candidate = { isPossible: true, isRequired, token: this.#nextNumber(), mark: this.#cursor.mark() };
    this.#candidates[this.#candidates.length - 1] = candidate;
    this.#candidateByToken.set(candidate.token, candidate);
  }

  #dropCandidate(): void {
    const candidate = this.#candidates.at(-1)!;
    if (!candidate.isPossible) return;
    if (candidate.isRequired) throw this.#cursor.scanError("could not find expected ':'", candidate.mark);
    candidate.isPossible = false;
    this.#candidateByToken.delete(candidate.token);
  }

  #isStillPossible(candidate: KeyCandidate): boolean {
    if (!candidate.isPossible) return false;
    const { line, position } = this.#cursor;
    if (candidate.mark.line === line && candidate.mark.position + longestKey >= position) return true;
    if (candidate.isRequired) throw this.#cursor.scanError("could not find expected ':'", candidate.mark);
    candidate.isPossible = false;
    return false;
  }
}
