import type { SourceRun } from './source-run.ts';

/** What a pass found, to tell afterwards whether there is news. */
export interface Observation {
  readonly digest: string | undefined;
  readonly hadFailed: boolean;
}

/** Before the first step; `failConditions` are those of the kind. */
export function observe({ object, conditions }: SourceRun, failConditions: readonly string[]): Observation {
  return {
    digest: object.status?.artifact?.digest,
    hadFailed: failConditions.some((type) => conditions.get(type) !== undefined),
  };
}

interface News {
  before: Observation;
  failConditions: readonly string[];
  message: string;
  /** In the place of NewArtifact and Succeeded. */
  reason?: string;
}

/** Tells of a new artifact, or the recovery from a failure; nothing when all is as it was (SRC-CTL-22). */
export function notify(run: SourceRun, { before, failConditions, message, reason }: News): void {
  const artifact = run.object.status?.artifact;
  if (!artifact) return;
  const isNew = before.digest !== artifact.digest;
  const hasFailed = failConditions.some((type) => run.conditions.get(type) !== undefined);
  if (!isNew && (!before.hadFailed || hasFailed)) return;
  run.event({
    type: 'Normal',
    reason: reason ?? (isNew ? 'NewArtifact' : 'Succeeded'),
    message,
    metadata: {
      'source.toolkit.fluxcd.io/revision': artifact.revision,
      'source.toolkit.fluxcd.io/digest': artifact.digest ?? '',
    },
  });
}
