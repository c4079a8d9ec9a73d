import type { ReleaseContext } from './release-context.ts';
import { joinErrors } from './release-error.ts';
import type { ReleaseObject } from './release-objects.ts';

/** Requests in flight at once. */
const concurrency = 16;

/** Like `forEachKind`, but goes on after failures and joins them at the end. */
export async function performByKind(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  perform: (item: ReleaseObject) => Promise<void>,
): Promise<void> {
  const errors: unknown[] = [];
  await forEachKind(context, objects, (item) => perform(item).catch((error: unknown) => void errors.push(error)));
  context.signal?.throwIfAborted();
  if (errors.length > 0) throw joinErrors(errors, '\n');
}

/** Runs of equal kinds one after the other, the objects of a run side by side; the first failure ends it after its run. */
export async function forEachKind(
  context: ReleaseContext,
  objects: readonly ReleaseObject[],
  perform: (item: ReleaseObject) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < objects.length; ) {
    let end = start + 1;
    while (end < objects.length && end - start < concurrency && isSameKind(objects[start]!, objects[end]!)) end += 1;
    context.signal?.throwIfAborted();
    const results = await Promise.allSettled(objects.slice(start, end).map(perform));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure) throw failure.reason;
    start = end;
  }
}

function isSameKind(a: ReleaseObject, b: ReleaseObject): boolean {
  return a.ref.kind === b.ref.kind;
}
