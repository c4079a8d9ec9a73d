import { gitRepository } from '@flux/api';
import { ReconcileError } from '@flux/runtime';
import { type GitRepositoryRun, messageOf } from './deps.ts';

/** Removes everything that is stored for a deleted object, suspended or not (SRC-CTL-04). */
export async function cleanup(run: GitRepositoryRun): Promise<undefined> {
  const { name, namespace = '' } = run.object.metadata;
  let existed: boolean;
  try {
    existed = await run.deps.storage.removeAll({ kind: gitRepository.kind, namespace, name });
  } catch (error) {
    const text = `garbage collection for deleted resource failed: ${messageOf(error)}`;
    throw new ReconcileError('GarbageCollectionFailed', text, { cause: error });
  }
  delete run.object.status?.artifact;
  if (!existed) return;
  const message = 'garbage collected artifacts for deleted resource';
  run.event({ type: 'Normal', reason: 'GarbageCollectionSucceeded', message, forward: false });
}
