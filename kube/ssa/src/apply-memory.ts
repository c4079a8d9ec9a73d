import { createHash } from 'node:crypto';
import { type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';
import { formatJson } from '@flux/client';
import { identityOf } from './change-set.ts';

interface Verified {
  uid: string;
  resourceVersion: string;
  digest: string;
}

const defaultCapacity = 20_000;

/**
 * Remembers at which resourceVersion an object was found in accordance with what is applied to it. A dry run that answers
 * with the same version for the same payload proves that nothing changed since, so the object need not be read.
 */
export class ApplyMemory {
  readonly #verified = new Map<string, Verified>();
  readonly #capacity: number;

  constructor(capacity = defaultCapacity) {
    this.#capacity = capacity;
  }

  isVerified(live: KubeObject, digest: string): boolean {
    const known = this.#verified.get(identityOf(refOf(live)));
    const { uid, resourceVersion } = live.metadata;
    return known?.digest === digest && known.uid === uid && known.resourceVersion === resourceVersion;
  }

  /** Whether the object existed when it was last applied. */
  knows(ref: ObjectRef): boolean {
    return this.#verified.has(identityOf(ref));
  }

  remember(live: KubeObject, digest: string): void {
    const { uid, resourceVersion } = live.metadata;
    if (!uid || !resourceVersion) return;
    const key = identityOf(refOf(live));
    this.#verified.delete(key);
    this.#verified.set(key, { uid, resourceVersion, digest });
    const oldest = this.#verified.size > this.#capacity ? this.#verified.keys().next().value : undefined;
    if (oldest !== undefined) this.#verified.delete(oldest);
  }
}

/** Identifies what is applied, and by which rules. */
export function payloadDigest(object: KubeObject, rules: unknown): string {
  return createHash('sha256').update(formatJson(object)).update(formatJson(rules)).digest('base64');
}
