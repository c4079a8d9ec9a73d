/** One measured line: what, how much, and against what it is compared. */
export interface Row {
  name: string;
  value: number;
  unit: 's' | 'ms' | 'µs' | 'KiB' | 'MiB' | '1/s' | 'x' | '% of a core';
  /** The same measure of the peer, in the same run. */
  peer?: { name: string; value: number };
  /** What is promised, and whether this run keeps it. */
  limit?: { text: string; isMet: boolean };
  note?: string;
}

export type RunBench = (progress: (message: string) => void, options: BenchOptions) => Promise<Row[]>;

export interface BenchOptions {
  /** `--n`: how many objects, one measure after the other. */
  counts?: readonly number[];
}

/** `PASS name  12.3 ms  (kustomize 45.6 ms, 0.27x)  at most 1.00x`. */
export function formatRow(row: Row): string {
  const verdict = row.limit ? (row.limit.isMet ? 'PASS ' : 'FAIL ') : '';
  const value = `${formatNumber(row.value)} ${row.unit}`;
  const peer = row.peer
    ? `  (${row.peer.name} ${formatNumber(row.peer.value)} ${row.unit}, ${(row.value / row.peer.value).toFixed(2)}x)`
    : '';
  const limit = row.limit ? `  ${row.limit.text}` : '';
  return `${verdict}${row.name.padEnd(48)} ${value.padStart(12)}${peer}${limit}${row.note ? `  ${row.note}` : ''}`;
}

function formatNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
