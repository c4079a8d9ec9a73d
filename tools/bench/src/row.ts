/** One measured line: what, how much, and against what it is compared. */
export interface Row {
  name: string;
  value: number;
  unit: 's' | 'ms' | 'MiB' | '1/s' | 'x';
  /** The same measure of the peer, in the same run. */
  peer?: { name: string; value: number };
  note?: string;
}

export type RunBench = (progress: (message: string) => void) => Promise<Row[]>;

/** `name  12.3 ms  (kustomize 45.6 ms, 0.27x)`. */
export function formatRow(row: Row): string {
  const value = `${formatNumber(row.value)} ${row.unit}`;
  const peer = row.peer
    ? `  (${row.peer.name} ${formatNumber(row.peer.value)} ${row.unit}, ${(row.value / row.peer.value).toFixed(2)}x)`
    : '';
  return `${row.name.padEnd(48)} ${value.padStart(12)}${peer}${row.note ? `  ${row.note}` : ''}`;
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
