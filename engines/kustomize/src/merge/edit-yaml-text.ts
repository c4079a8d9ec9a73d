/**
 * Puts a scalar into block-style YAML text, in place: order, comments and quotes stay as they are. Undefined when the path
 * does not lead through plain `key:` lines to a scalar on one line.
 */
export function editYamlText(text: string, path: readonly string[], value: string): string | undefined {
  const lines = text.split('\n');
  let from = 0;
  let to = lines.length;
  let indent = 0;
  for (const [depth, key] of path.entries()) {
    const at = findKey(lines, key, { from, to, indent });
    if (at === undefined) return undefined;
    const rest = lines[at]?.slice(indent + key.length + 1) ?? '';
    if (depth === path.length - 1) {
      const edited = editValue(rest, value);
      if (edited === undefined || continues(lines, at, indent)) return undefined;
      lines[at] = `${' '.repeat(indent)}${key}:${edited}`;
      return lines.join('\n').trim();
    }
    if (!/^\s*(#.*)?$/.test(rest)) return undefined;
    from = at + 1;
    to = blockEnd(lines, from, indent);
    indent = indentOf(lines.slice(from, to).find(isContent) ?? '');
  }
  return undefined;
}

interface Block {
  readonly from: number;
  readonly to: number;
  readonly indent: number;
}

function isContent(line: string): boolean {
  return !/^\s*(#.*)?$/.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function findKey(lines: readonly string[], key: string, { from, to, indent }: Block): number | undefined {
  const start = `${' '.repeat(indent)}${key}:`;
  for (let index = from; index < to; index++) {
    const line = lines[index] ?? '';
    if (line.startsWith(start) && (line.length === start.length || line[start.length] === ' ')) return index;
  }
  return undefined;
}

/** The first line behind the block that belongs to a key at `indent`. */
function blockEnd(lines: readonly string[], from: number, indent: number): number {
  for (let index = from; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (isContent(line) && indentOf(line) <= indent) return index;
  }
  return lines.length;
}

/** Whether the value goes on behind its line. */
function continues(lines: readonly string[], at: number, indent: number): boolean {
  const next = lines.slice(at + 1).find(isContent);
  return next !== undefined && indentOf(next) > indent;
}

const simpleValue = /^( +)(?:"[^"\\]*"|'[^']*'|[^\s"'#&*!|>{[%@`][^#]*?)( +#.*)?$/;

function editValue(rest: string, value: string): string | undefined {
  const match = simpleValue.exec(rest.trimEnd());
  if (match === null || !/^[\w./@+-][\w./@+ -]*$/.test(value)) return undefined;
  const [, gap = ' ', comment = ''] = match;
  const quote = /^["']/.exec(rest.trimStart())?.[0] ?? '';
  return `${gap}${quote}${value}${quote}${comment}`;
}
