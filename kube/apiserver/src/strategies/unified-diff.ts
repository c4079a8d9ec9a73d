import { marshalGo } from '@flux/apimachinery';

const context = 3;
/** More lines than these that differ are shown as a whole, which no object comes near. */
const maxCells = 1_000_000;

type Line = readonly [mark: ' ' | '-' | '+', text: string];

/** How the API server shows what differs between two values: their indented JSON as a unified diff without a header. */
export function unifiedDiff(before: unknown, after: unknown): string {
  const lines = compare(linesOf(before), linesOf(after));
  const changed = lines.flatMap(([mark], index) => (mark === ' ' ? [] : [index]));
  let text = '';
  for (let start = 0; start < changed.length; ) {
    let end = start;
    while (end + 1 < changed.length && changed[end + 1]! - changed[end]! <= 2 * context) end += 1;
    const from = Math.max(0, changed[start]! - context);
    text += hunk(lines, from, Math.min(lines.length, changed[end]! + context + 1));
    start = end + 1;
  }
  return text;
}

function linesOf(value: unknown): string[] {
  return JSON.stringify(JSON.parse(marshalGo(value)), null, 1).split('\n');
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const count = (end: number, start: number, mark: '-' | '+') =>
    lines.slice(start, end).filter(([own]) => own === ' ' || own === mark).length;
  const range = (mark: '-' | '+') => {
    const length = count(to, from, mark);
    const first = count(from, 0, mark) + (length === 0 ? 0 : 1);
    return length === 1 ? `${first}` : `${first},${length}`;
  };
  const body = lines.slice(from, to).map(([mark, text]) => `${mark}${text}\n`);
  return `@@ -${range('-')} +${range('+')} @@\n${body.join('')}`;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => [' ', text]);
  return [
    ...same(before.slice(0, start)),
    ...align(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

/** A longest common subsequence; what goes stands before what comes. */
function align(before: readonly string[], after: readonly string[]): Line[] {
  const replaced: Line[] = [...before.map((text): Line => ['-', text]), ...after.map((text): Line => ['+', text])];
  if (before.length * after.length > maxCells) return replaced;
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] =
        before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return walk(before, after, lengths);
}

function walk(before: readonly string[], after: readonly string[], lengths: readonly Uint32Array[]): Line[] {
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push([' ', before[i]!]);
      i += 1;
      j += 1;
    } else if (i < before.length && (j === after.length || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      lines.push(['-', before[i]!]);
      i += 1;
    } else {
      lines.push(['+', after[j]!]);
      j += 1;
    }
  }
  return lines;
}
