/**
 * Rows as Flux prints them: every cell padded to the width of its column and followed by a tab in data rows; the header's
 * last cell is padded to one more than its width and has no tab (spec cli 6). An empty header is left out.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = rows.flatMap(linesOf);
  const widths: number[] = [];
  for (const line of [header, ...lines]) {
    for (const [column, cell] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
  }
  const pad = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
  const body = lines.map((line) => line.map((cell, column) => `${pad(cell, column)}\t`).join(''));
  const head = header.length > 0 ? [`${header.map(pad).join('\t')} `] : [];
  return [...head, ...body].map((line) => `${line}\n`).join('');
}

/** A cell of several lines makes a row as many lines high. */
function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.trimEnd().split('\n'));
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, at) => cells.map((cell) => cell[at] ?? ''));
}

function displayWidth(text: string): number {
  return [...text].length;
}
