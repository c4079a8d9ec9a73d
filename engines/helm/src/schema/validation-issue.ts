import { escapeToken } from './schema-url.ts';
import { quote } from './schema-value.ts';

/** What is wrong with a value, and the failures behind it. */
export interface Issue {
  /** The names and indexes that lead to the value. */
  path: readonly string[];
  message: string;
  causes: readonly Issue[];
  /** `reference` shows only what is behind it if that is one; `group` only joins failures of one schema. */
  kind?: 'reference' | 'group';
}

/** One line for an issue, and the issues behind it below it, indented. */
export function formatIssues(issues: readonly Issue[], indent = 0): string {
  return issues.map((issue) => formatIssue(issue, indent)).join('');
}

function formatIssue({ path, message, causes, kind }: Issue, indent: number): string {
  if (kind === 'reference' && causes.length === 1) return formatIssues(causes, indent);
  const pointer = path.map((token) => `/${escapeToken(token)}`).join('');
  return `\n${'  '.repeat(indent)}- at ${quote(pointer)}: ${message}${formatIssues(causes, indent + 1)}`;
}
