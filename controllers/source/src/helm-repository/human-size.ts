const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units with four significant digits: `80B`, `1.676kB` (SRC-EVT-04). */
export function humanSize(bytes: number): string {
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${Number(size.toPrecision(4))}${units[unit]}`;
}
