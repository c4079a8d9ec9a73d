import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const source = '/dev/urandom';
const poolBytes = 256;
let pool: Buffer = Buffer.alloc(0);
let used = 0;

/**
 * Bytes of the system's random source, none of them twice. Reads the source itself for the few bytes of a password or a
 * name: loading `node:crypto`, which does the same, takes longer than rendering most charts.
 */
export function systemRandomBytes(count: number): Uint8Array {
  if (count > poolBytes) return randomBytes(count);
  if (used + count > pool.length) {
    pool = readSource() ?? randomBytes(poolBytes);
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

/** Undefined on systems without such a file. */
function readSource(): Buffer | undefined {
  const bytes = Buffer.alloc(poolBytes);
  try {
    const descriptor = openSync(source, 'r');
    try {
      return readSync(descriptor, bytes) === poolBytes ? bytes : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
