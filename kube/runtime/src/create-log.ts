import { causeChain, redact } from '@flux/errors';
import type { LogFields, Logger } from './log.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'error';

export interface LogOptions {
  /** `--log-encoding`. Default json. */
  encoding?: 'json' | 'console';
  /** `--log-level`. Default info. */
  level?: LogLevel;
  /** Default: standard error, where the controllers of Flux log. */
  write?: (line: string) => void;
}

type WriteEntry = (level: LogLevel, message: string, fields: LogFields) => void;

const ranks: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, error: 3 };

/** A logger in the layout of Flux's controllers: `level`, `ts`, `msg`, then fields, one JSON object a line. */
export async function createLog(options: LogOptions = {}): Promise<Logger> {
  const level = options.level ?? 'info';
  const write = options.encoding === 'console' ? consoleWriter(options.write) : await jsonWriter(options.write);
  return new EntryLogger((entryLevel, message, fields) => {
    if (ranks[entryLevel] >= ranks[level]) write(entryLevel, message, fields);
  }, {});
}

class EntryLogger implements Logger {
  readonly #write: WriteEntry;
  readonly #fields: LogFields;

  constructor(write: WriteEntry, fields: LogFields) {
    this.#write = write;
    this.#fields = fields;
  }

  trace(message: string, fields?: LogFields): void {
    this.#write('trace', message, { ...this.#fields, ...fields });
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, { ...this.#fields, ...fields });
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, { ...this.#fields, ...fields });
  }

  error(error: unknown, message: string, fields?: LogFields): void {
    const text = redact(causeChain(error).join(': '));
    this.#write('error', message, { ...this.#fields, ...fields, error: text });
  }

  with(fields: LogFields): Logger {
    return new EntryLogger(this.#write, { ...this.#fields, ...fields });
  }
}

/** pino writes synchronously: its transports need worker threads by file path, which a bundle does not have. */
async function jsonWriter(write: LogOptions['write']): Promise<WriteEntry> {
  const { pino } = await import('pino');
  const destination = write ? { write } : pino.destination({ fd: 2, sync: true });
  const logger = pino(
    {
      level: 'trace',
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return (level, message, fields) => logger[level](fields, redact(message));
}

function consoleWriter(write: LogOptions['write'] = (line) => void process.stderr.write(line)): WriteEntry {
  return (level, message, fields) => {
    const tail = Object.keys(fields).length > 0 ? `\t${JSON.stringify(fields)}` : '';
    write(`${new Date().toISOString()}\t${level}\t${redact(message)}${tail}\n`);
  };
}
