import { FluxError } from '@flux/errors';

/** A template cannot be parsed or executed; the message is that of Go's text/template. */
export class TemplateError extends FluxError {
  override readonly code = 'TEMPLATE';
  /** Whether it happened while executing (Go's ExecError), not while parsing or looking up. */
  readonly executing: boolean;

  constructor(message: string, options: { cause?: unknown; executing?: boolean } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.executing = options.executing ?? false;
  }
}

/** Whether V8 ran out of stack; the engine of regular expressions says so in words of its own. */
export function isStackOverflow(error: unknown): boolean {
  return (
    error instanceof Error && !(error instanceof TemplateError) && /call stack|Stack overflow$/.test(error.message)
  );
}
