import { formatJson } from '@flux/yaml';

const maxLines = 10;

interface Line {
  first: string;
  last: string;
  text: string;
  count: number;
}

/** Log lines of one action, for the event of its failure (HELM-CTRL-01). */
export class LogBuffer {
  readonly #lines: Line[] = [];
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** Takes a line; one that repeats the line before it is counted. */
  add(level: 'info' | 'warning' | 'error', message: string, attributes: Readonly<Record<string, unknown>> = {}): void {
    const prefix = level === 'info' ? '' : `${level}: `;
    const text = `${prefix}${message}: ${formatJson(attributes, { sortKeys: true })}`;
    const at = this.#now().toISOString();
    const last = this.#lines.at(-1);
    if (last?.text === text) {
      last.count++;
      last.last = at;
      return;
    }
    this.#lines.push({ first: at, last: at, text, count: 1 });
    if (this.#lines.length > maxLines) this.#lines.shift();
  }

  /** Empty, or what follows the message of a failure. */
  format(): string {
    if (this.#lines.length === 0) return '';
    const lines = this.#lines.flatMap(formatLine).slice(-maxLines);
    return `\n\nLast Helm logs:\n\n${lines.join('\n')}`;
  }
}

function formatLine({ first, last, text, count }: Line): string[] {
  if (count === 1) return [`${first}: ${text}`];
  if (count === 2) return [`${first}: ${text}`, `${last}: ${text}`];
  const omitted = count - 2;
  return [`${first}: ${text}`, `${last}: ${text} (${omitted} duplicate line${omitted === 1 ? '' : 's'} omitted)`];
}
