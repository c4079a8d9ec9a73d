import { setFlagsFromString } from 'node:v8';

/** V8 reads these whenever it decides on the size of the heap. */
const frugal = ['--heap-growing-percent=20', '--semi-space-growth-factor=1'];
const usual = ['--heap-growing-percent=0', '--semi-space-growth-factor=2'];

let users = 0;

/**
 * Does work on something large with a heap that grows by little. By itself V8 waits with collecting until there is a multiple of
 * what is in use, which after a large index is more than the whole process needs otherwise; this costs some of the speed.
 */
export async function withFrugalMemory<T>(work: () => Promise<T>): Promise<T> {
  if (users++ === 0) for (const flag of frugal) setFlagsFromString(flag);
  try {
    return await work();
  } finally {
    if (--users === 0) for (const flag of usual) setFlagsFromString(flag);
  }
}
