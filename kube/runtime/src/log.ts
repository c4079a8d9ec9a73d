/** Facts beside a log message; values are JSON. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A logger in the manner of logr: static messages plus fields. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  error(error: unknown, message: string, fields?: LogFields): void;
  /** The same logger with these fields on every line. */
  with(fields: LogFields): Logger;
}

/** Says nothing. */
export const silentLog: Logger = {
  trace() {},
  debug() {},
  info() {},
  error() {},
  with: () => silentLog,
};
