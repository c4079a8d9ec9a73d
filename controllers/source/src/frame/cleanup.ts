import { messageOf } from '@flux/errors';
import { ReconcileError } from '@flux/runtime';
import { ownerOf, type SourceRun } from './source-run.ts';

/** Removes everything that is stored for a deleted object, suspended or not (SRC-CTL-04). */
export async function cleanup(run: SourceRun): Promise<undefined> {
  let existed: boolean;
  try {
    existed = await run.deps.storage.removeAll(ownerOf(run));
  } catch (error) {
    const text = `garbage collection for deleted resource failed: ${messageOf(error)}`;
    throw new ReconcileError('GarbageCollectionFailed', text, { cause: error });
  }
  delete run.object.status?.artifact;
  if (!existed) return;
  const message = 'garbage collected artifacts for deleted resource';
  run.event({ type: 'Normal', reason: 'GarbageCollectionSucceeded', message, forward: false });
}
