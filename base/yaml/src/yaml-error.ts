import { FluxError } from '@flux/errors';

export interface YamlProblem {
  /** Zero-based line where the problem is. */
  line: number;
  column: number;
  /** Zero-based line where the construct that contains it began. */
  contextLine?: number;
  /** Scanner problems are counted from one, parser problems from zero: a quirk of go-yaml that users see. */
  isScanner?: boolean;
}

interface YamlErrorOptions {
  file?: string | undefined;
  line?: number;
  column?: number;
}

/** Text that is no YAML, or YAML that cannot become JSON. The message is worded as go-yaml words it. */
export class YamlError extends FluxError {
  override readonly code = 'YAML';
  /** One-based line of the problem in the text, where there is one. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, options: YamlErrorOptions = {}) {
    super(options.file === undefined ? message : `${options.file}: ${message}`, {
      details: { file: options.file, line: options.line, column: options.column },
    });
    this.line = options.line;
    this.column = options.column;
  }
}

/** go-yaml decode.go `fail`: which of the two lines is named, and whether it is off by one, depends on the version. */
export function describeProblem(problem: string, at: YamlProblem, mode: 'sigs' | 'v3'): string {
  const ofProblem = at.line === 0 ? 0 : at.line + (at.isScanner ? 1 : 0);
  const context = at.contextLine ?? 0;
  const shift = at.isScanner && mode === 'v3' ? 1 : 0;
  const ofContext = context === 0 ? 0 : context + shift;
  const line = mode === 'sigs' ? ofProblem || ofContext : ofContext || ofProblem;
  return line === 0 ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`;
}
