import type { KubeObject } from '@flux/apimachinery';
import type { Store } from '../storage/store.ts';

/** Each batch takes so many revisions, so that a revision tells which batches it holds. */
const writesPerBatch = 8;
const names = 40;

/**
 * Writes the batch of this number: puts, and a removal at the end. What is stored after it depends on the number alone, so
 * that whoever opens the store later can say what should be there.
 */
export function writeBatch(store: Store, batch: number): void {
  for (let index = 0; index < writesPerBatch - 1; index++) {
    store.put(store.bucket(resourceOf(batch + index)), objectOf(batch, index));
  }
  const last = writesPerBatch - 2;
  store.remove(store.bucket(resourceOf(batch + last)), keyOf(batch, last));
}

/** How many batches are in the store. Throws when a part of one is. */
export function countBatches(store: Store): number {
  const batches = (store.revision - 1) / writesPerBatch;
  if (!Number.isInteger(batches)) throw new Error(`revision ${store.revision} is in the middle of a batch`);
  return batches;
}

/** The stored objects by resource and key, without their revisions. */
export function contentsOf(store: Store): Map<string, unknown> {
  const contents = new Map<string, unknown>();
  for (const resource of ['maps', 'secrets']) {
    for (const [key, object] of store.bucket(resource).list()) contents.set(`${resource} ${key}`, object['data']);
  }
  return contents;
}

function resourceOf(number: number): string {
  return number % 2 === 0 ? 'maps' : 'secrets';
}

function nameOf(batch: number, index: number): string {
  return `n-${(batch * 7 + index * 11) % names}`;
}

function keyOf(batch: number, index: number): string {
  return `default/${nameOf(batch, index)}`;
}

function objectOf(batch: number, index: number): KubeObject {
  const metadata = { name: nameOf(batch, index), namespace: 'default' };
  // Of several sizes: some rows share a page, some take many.
  const text = `${batch}.${index} `.repeat(1 << ((batch * 3 + index) % 11));
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text } };
}
