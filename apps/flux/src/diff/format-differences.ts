import { formatYaml } from '@flux/yaml';
import { structuredPatch } from 'diff';
import type { Difference } from './compare-values.ts';

const widestLine = 80;
const separator = '   ';
const numbers = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** Differences in the words and layout of dyff's human report, one block each. */
export function formatDifferences(differences: readonly Difference[]): string {
  return differences.map((difference) => `${pathOf(difference)}\n${bodyOf(difference)}\n`).join('');
}

function pathOf({ path }: Difference): string {
  return path.length === 0 ? '(root level)' : path.join('.');
}

function bodyOf(difference: Difference): string {
  if (difference.type === 'reordered') {
    return `⇆ order changed\n- ${difference.before.join(', ')}\n+ ${difference.after.join(', ')}\n`;
  }
  if (difference.type === 'changed') return formatChange(difference.before, difference.after);
  const blocks = [
    entriesBlock('-', 'removed', difference.of, difference.removed),
    entriesBlock('+', 'added', difference.of, difference.added),
  ];
  const shown = blocks.filter((block) => block.length > 0);
  return shown.length === 2 ? formatColumns(blocks[0] ?? [], blocks[1] ?? []) : `${(shown[0] ?? []).join('\n')}\n`;
}

function formatChange(before: unknown, after: unknown): string {
  if (typeof before === 'string' && typeof after === 'string' && (before + after).includes('\n')) {
    return formatTextChange(before, after);
  }
  const [old, fresh] = [typeName(before), typeName(after)];
  const title = old === fresh ? '± value change' : `± type change from ${old} to ${fresh}`;
  return `${title}\n${prefixed('- ', inline(before))}${prefixed('+ ', inline(after))}`;
}

function formatTextChange(before: string, after: string): string {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 4 });
  const lines = hunks.flatMap((hunk) => hunk.lines).filter((line) => !line.startsWith('\\'));
  const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
  const title = `± value change in multiline text (${plural(count('+'), 'insert')}, ${plural(count('-'), 'deletion')})`;
  return `${title}\n${lines.map((line) => `${line[0]} ${line.slice(1)}\n`).join('')}`;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number' || typeof value === 'bigint') return Number.isInteger(Number(value)) ? 'int' : 'float';
  return { string: 'string', boolean: 'bool', object: 'map' }[typeof value as string] ?? typeof value;
}

function inline(value: unknown): string {
  return typeof value === 'object' && value !== null ? formatYaml(value as object).trimEnd() : String(value);
}

function prefixed(prefix: string, text: string): string {
  return text
    .split('\n')
    .map((line, at) => `${at === 0 ? prefix : '  '}${line}\n`)
    .join('');
}

function entriesBlock(sign: string, verb: string, of: 'map' | 'list', entries: unknown): string[] {
  const count = Array.isArray(entries) ? entries.length : Object.keys(entries as object).length;
  if (count === 0) return [];
  const noun = count === 1 ? 'entry' : 'entries';
  const yaml = formatYaml(entries as object)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${requoted(line)}`);
  return [`${sign} ${numbers[count] ?? count} ${of} ${noun} ${verb}:`, ...yaml];
}

/** dyff quotes with double quotes, and shows nothing for an empty text. */
function requoted(line: string): string {
  return line.replace(/: (?:''|"")$/, ':').replace(/: '([^']*)'$/, ': "$1"');
}

/** Side by side where the lines are short enough; the left column then stands without its indentation. */
function formatColumns(left: readonly string[], right: readonly string[]): string {
  const width = Math.max(...left.map((line) => line.length));
  const total = width + separator.length + Math.max(...right.map((line) => line.length));
  if (total > widestLine) return `${[...left, ...right].join('\n')}\n`;
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const cell = (left[at] ?? '').replace(/^ {2}/, '');
    return `${cell.padEnd(width)}${separator}${right[at] ?? ''}`.trimEnd();
  });
  return `${rows.join('\n')}\n`;
}

function plural(count: number, noun: string): string {
  return `${numbers[count] ?? count} ${noun}${count === 1 ? '' : 's'}`;
}
