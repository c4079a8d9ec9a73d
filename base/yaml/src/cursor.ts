import { isBlankOrEnd } from './characters.ts';
import { describeProblem, YamlError, type YamlProblem } from './yaml-error.ts';

export type YamlMode = 'sigs' | 'v3';

/** A place in the text. */
export interface Mark {
  position: number;
  line: number;
  column: number;
}

/** A read position in a text, with line and column; every scan function moves it. */
export class Cursor {
  /** The text with four NULs behind it, so that looking ahead needs no bounds check. */
  readonly text: string;
  readonly mode: YamlMode;
  readonly file: string | undefined;
  position = 0;
  line = 0;
  lineStart = 0;
  /** Set by the scan of a plain scalar that ran over the end of its line, after which a key may begin. */
  hasCrossedLine = false;
  /** Set when an integer was read that is a bigint. */
  hasBigInteger = false;

  constructor(text: string, mode: YamlMode, file: string | undefined) {
    this.text = `${text}\0\0\0\0`;
    this.mode = mode;
    this.file = file;
  }

  get column(): number {
    return this.position - this.lineStart;
  }

  mark(): Mark {
    return { position: this.position, line: this.line, column: this.position - this.lineStart };
  }

  code(offset = 0): number {
    return this.text.charCodeAt(this.position + offset);
  }

  /** Moves over a line break and returns what it stands for: all but LS and PS are a newline. */
  readBreak(): string {
    const code = this.text.charCodeAt(this.position);
    this.position += code === 13 && this.text.charCodeAt(this.position + 1) === 10 ? 2 : 1;
    this.line += 1;
    this.lineStart = this.position;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : '\n';
  }

  /** Moves to a position at the start of a line, whose number is counted. */
  moveToLine(position: number): void {
    this.position = position;
    this.lineStart = position;
    this.line = 0;
    for (let at = this.text.indexOf('\n'); at !== -1 && at < position; at = this.text.indexOf('\n', at + 1))
      this.line += 1;
  }

  /** Whether `---` or `...` stands at the start of this line. */
  isAtDocumentIndicator(): boolean {
    if (this.position !== this.lineStart) return false;
    const code = this.text.charCodeAt(this.position);
    return (
      (code === 0x2d || code === 0x2e) &&
      this.text.charCodeAt(this.position + 1) === code &&
      this.text.charCodeAt(this.position + 2) === code &&
      isBlankOrEnd(this.text.charCodeAt(this.position + 3))
    );
  }

  /** A problem found by looking at characters, at the cursor. */
  scanError(problem: string, context: Mark | number): YamlError {
    const contextLine = typeof context === 'number' ? context : context.line;
    return this.error(problem, { line: this.line, column: this.column, contextLine, isScanner: true });
  }

  error(problem: string, at: YamlProblem): YamlError {
    const options = { file: this.file, line: at.line + 1, column: at.column + 1 };
    return new YamlError(describeProblem(problem, at, this.mode), options);
  }
}
