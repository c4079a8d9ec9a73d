const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB'];
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** A number of bytes in binary units with one digit after the point, as Flux prints it: `12 B`, `1.5 MiB`. */
export function formatBinaryBytes(bytes: number): string {
  const [size, unit] = scale(bytes, 1024, binaryUnits);
  return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`;
}

/** A number of bytes in decimal units with at most four significant digits: `80B`, `1.676kB` (go-units `HumanSize`). */
export function formatDecimalBytes(bytes: number): string {
  const [size, unit] = scale(bytes, 1000, decimalUnits);
  return `${Number(size.toPrecision(4))}${unit}`;
}

function scale(bytes: number, base: number, units: readonly string[]): readonly [number, string] {
  let [size, power] = [bytes, 0];
  while (size >= base && power < units.length - 1) {
    size /= base;
    power += 1;
  }
  return [size, units[power] ?? ''];
}
