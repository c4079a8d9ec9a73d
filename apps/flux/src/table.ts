/**
 * Rows as Flux prints them: every cell padded to the width of its column and followed by a tab in data rows; the header's
 * last cell is padded to one more than its width and has no tab (spec cli 6). An empty header is left out.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of [header, ...rows]) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
  }
  const pad = (cell: string, column: number) => cell + ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
  const lines = rows.map((row) => row.map((cell, column) => `${pad(cell, column)}\t`).join(''));
  const head = header.length > 0 ? [`${header.map(pad).join('\t')} `] : [];
  return [...head, ...lines].map((line) => `${line}\n`).join('');
}

function displayWidth(text: string): number {
  return [...text].length;
}
