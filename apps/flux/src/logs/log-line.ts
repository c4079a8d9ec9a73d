import { UsageError } from '../command/errors.ts';
import type { LogFlags } from './flags.ts';

/** Which lines are shown; levels match exactly, names without case (spec cli 10). */
type LogFilter = Pick<LogFlags, 'all-namespaces' | 'kind' | 'level' | 'name'> & { namespace: string };

/** A line of a controller's log as flux prints it; `undefined` for what is filtered out or no JSON at all. */
export function formatLogLine(line: string, filter: LogFilter): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const entry = parseEntry(line);
  const kind = text(entry['controllerKind']) || text(entry['reconciler kind']);
  const [name, namespace] = [text(entry['name']), text(entry['namespace'])];
  if (filter.level && text(entry['level']) !== filter.level) return undefined;
  if (filter.kind && !isSame(kind, filter.kind)) return undefined;
  if (filter.name && !isSame(name, filter.name)) return undefined;
  if (!filter['all-namespaces'] && !isSame(namespace, filter.namespace)) return undefined;
  const subject = kind ? `${kind}/${name}.${namespace} ` : '';
  return `${text(entry['ts'])} ${text(entry['level'])} ${subject}- ${text(entry['msg'])} ${text(entry['error'])}\n`;
}

function parseEntry(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch (cause) {
    throw new UsageError(`parse error: ${(cause as Error).message}`, { cause });
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
