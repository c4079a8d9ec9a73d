import { redact } from './redact.ts';

export interface FluxErrorOptions {
  cause?: unknown;
  /** Machine-readable facts about the failure (file, line, object…), never secrets. */
  details?: Readonly<Record<string, unknown>>;
}

/** An expected failure with a stable `code`; its message is safe to show: credentials in URLs and tokens are redacted. */
export class FluxError extends Error {
  readonly code: string = 'FLUX';
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, options: FluxErrorOptions = {}) {
    super(redact(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details ?? {};
  }
}

/** The messages of an error and its causes, outermost first; a cause whose text is already contained is left out. */
export function causeChain(error: unknown): string[] {
  const messages: string[] = [];
  for (let current = error; current !== undefined && current !== null; ) {
    const message = current instanceof Error ? current.message : String(current);
    if (!messages.some((seen) => seen.includes(message))) messages.push(message);
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages;
}
