import type { StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

/**
 * What the stored objects add up to. It is written with every change, in the same transaction, and compared when the objects
 * are read: an object that is gone, came back, or is an older one of itself shows, which no checksum of its own could tell.
 */
export interface Seal {
  readonly count: number;
  /** Of the checksums, modulo 2^48: exact in a double. */
  readonly sum: number;
}

const modulus = 2 ** 48;

export const emptySeal: Seal = { count: 0, sum: 0 };

/** Covers the key too, so that a text under a wrong name is noticed. */
export function checksum(resource: string, key: string, text: string): number {
  return crc32(text, crc32(`${resource}\0${key}`));
}

export function added({ count, sum }: Seal, crc: number): Seal {
  return { count: count + 1, sum: (sum + crc) % modulus };
}

export function removed({ count, sum }: Seal, crc: number): Seal {
  return { count: count - 1, sum: (sum - crc + modulus) % modulus };
}

export function isEqualSeal(a: Seal, b: Seal): boolean {
  return a.count === b.count && a.sum === b.sum;
}

/** With a statement that takes a counter's name and value. */
export function writeSeal(setCounter: StatementSync, { count, sum }: Seal): void {
  setCounter.run('objects', count);
  setCounter.run('checksums', sum);
}
