import { createHash } from 'node:crypto';
import { suffixAlphabet } from '../registry/create.ts';

/** Ten characters that stand for a pod template. */
export function templateHash(template: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  return [...digest.subarray(0, 10)].map((byte) => suffixAlphabet[byte % suffixAlphabet.length]).join('');
}
