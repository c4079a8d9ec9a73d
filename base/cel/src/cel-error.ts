import { FluxError } from '@flux/errors';

/** An expression that cannot be compiled, or an evaluation that failed; the texts are close to cel-go's. */
export class CelError extends FluxError {
  override readonly code = 'CEL';
}

/** What the CEL library throws; it is checked where it is caught. */
interface LibraryError {
  code?: string;
  summary?: string;
  message: string;
  node?: { pos?: number };
  range?: { start: number };
}

/** cel-go's layout of an issue: position, message, the line and a caret below the place. */
export function compileError(
  expression: string,
  error: unknown,
  original: (place: number) => number = (place) => place,
): CelError {
  const { line, column, text } = locate(expression, original(positionOf(error)));
  const dots = '.'.repeat(Math.max(0, column - 1));
  const syntax = (error as LibraryError).code?.startsWith('unexpected') ? 'Syntax error: ' : '';
  const message = `ERROR: <input>:${line}:${column}: ${syntax}${translate(error)}\n | ${text}\n | ${dots}^`;
  return new CelError(message, { cause: error });
}

export function evaluationError(error: unknown): CelError {
  return new CelError(translate(error), { cause: error });
}

function positionOf(error: unknown): number {
  const { range, node } = error as LibraryError;
  return range?.start ?? node?.pos ?? 0;
}

function locate(expression: string, position: number): { line: number; column: number; text: string } {
  const before = expression.slice(0, position).split('\n');
  const text = expression.split('\n')[before.length - 1] ?? '';
  return { line: before.length, column: before.at(-1)!.length + 1, text };
}

/** The library's words where cel-go has others. */
function translate(error: unknown): string {
  const { code, summary, message } = error as LibraryError;
  const text = summary ?? message;
  if (code === 'unknown_variable') return `undeclared reference to '${text.split(': ')[1]}' (in container '')`;
  if (code === 'no_such_key') return `no such key: ${text.slice('No such key: '.length)}`;
  if (code === 'index_out_of_bounds') return `index out of bounds: ${/index (-?\d+)/.exec(text)?.[1] ?? ''}`;
  return text;
}
