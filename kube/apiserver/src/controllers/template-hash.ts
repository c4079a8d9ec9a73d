import { createHash } from 'node:crypto';

/** Letters and digits that Kubernetes uses in generated names: none that make words. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Ten characters that stand for a pod template. */
export function templateHash(template: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(template)).digest();
  return [...digest.subarray(0, 10)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
