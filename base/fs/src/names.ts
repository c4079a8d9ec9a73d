/** Sorts names by their UTF-8 bytes, as Go does; UTF-16 order differs beyond the basic plane. */
export function sortNames(names: string[]): string[] {
  return names.sort(compareNames);
}

function compareNames(a: string, b: string): number {
  if (hasSurrogates(a) || hasSurrogates(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

function hasSurrogates(text: string): boolean {
  return /[\ud800-\udfff]/.test(text);
}
