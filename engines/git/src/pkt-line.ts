import { GitError } from './git-error.ts';

/** A line of the Git wire format; `undefined` is a flush packet. */
type PktLine = Buffer | undefined;

/** Splits a complete sequence of pkt-lines. */
export function* readPktLines(bytes: Buffer): Generator<PktLine> {
  for (let at = 0; at < bytes.length; ) {
    const length = readPktLength(bytes, at);
    if (length === undefined || (length !== 0 && at + length > bytes.length)) {
      throw new GitError('invalid', 'invalid pkt-len found');
    }
    yield length === 0 ? undefined : bytes.subarray(at + 4, at + length);
    at += Math.max(length, 4);
  }
}

/** The length that the four hex digits at `at` say, their own four bytes included; 0 is a flush. */
export function readPktLength(bytes: Buffer, at: number): number | undefined {
  const text = bytes.toString('latin1', at, at + 4);
  if (!/^[0-9a-f]{4}$/i.test(text)) return undefined;
  const length = Number.parseInt(text, 16);
  return length === 0 || length >= 4 ? length : undefined;
}

/** Adds the length that a line of the protocol begins with. */
export function pktLine(text: string): string {
  return (Buffer.byteLength(text) + 4).toString(16).padStart(4, '0') + text;
}
