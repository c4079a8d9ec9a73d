import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { ApplyMemory } from './apply-memory.ts';
import type { TakenOverManager } from './field-managers.ts';
import type { IgnoreRule } from './ignore-rules.ts';
import type { StatusReader } from './kstatus/status-reader.ts';
import type { MetadataSelector } from './metadata-match.ts';
import type { ObjectWatch } from './object-watch.ts';
import type { Owner } from './ownership.ts';

/** What is removed from live objects before they are applied (KUS-APPLY-12). */
export interface CleanupOptions {
  annotations?: readonly string[];
  labels?: readonly string[];
  managers?: readonly TakenOverManager[];
  /** Objects that match, desired or live, are left alone. */
  exclusions?: MetadataSelector;
}

export interface ApplyOptions {
  owner: Owner;
  watch: ObjectWatch;
  /** Recreate objects whose change the server refuses (KUS-APPLY-10). */
  force?: boolean;
  forceSelector?: MetadataSelector;
  /** Desired or live objects that match are skipped. */
  exclusions?: MetadataSelector;
  /** Desired objects that match are only created. */
  ifNotPresent?: MetadataSelector;
  cleanup?: CleanupOptions;
  ignore?: readonly IgnoreRule[];
  /** Gate `MigrateAPIVersion` (KUS-APPLY-17). */
  migratesApiVersion?: boolean;
  /** `group/Kind` of the custom stage (KUS-APPLY-04). */
  customStageKinds?: ReadonlySet<string>;
  /** `--concurrent-ssa`. */
  concurrency?: number;
  /** Readiness rules of the stage waits. */
  readers?: readonly StatusReader[];
  checksAccess?: boolean;
  /** Remembers what was found in order, which saves the GET of an unchanged object. */
  memory?: ApplyMemory;
  /** Answers reads from a cache; a state that is not the newest is noticed and read again. */
  read?: (ref: ObjectRef) => Promise<KubeObject | undefined>;
  /**
   * Told, before a stage writes anything, what it is going to write, under the names that the server gives it. What it
   * resolves to is called when the server refused the first object, so that nothing of the stage was written after all.
   */
  beforeWrite?: (refs: readonly ObjectRef[]) => Promise<() => void>;
  /** Default 60 s, whatever the timeout of the Kustomization (KUS-APPLY-05). */
  stageTimeoutMs?: number;
  signal?: AbortSignal;
}

const group = 'kustomize.toolkit.fluxcd.io';

/** The owner that kustomize-controller and the command line apply as (KUS-APPLY-01). */
export const kustomizeOwner: Owner = { field: 'kustomize-controller', group };

/** The rules of kustomize-controller: its annotations, and whose fields it takes over (KUS-APPLY-08, 12, 13). */
export function kustomizeApplyRules(
  overrideManagers: readonly string[] = [],
): Pick<ApplyOptions, 'owner' | 'forceSelector' | 'exclusions' | 'ifNotPresent' | 'cleanup'> {
  return {
    owner: kustomizeOwner,
    forceSelector: { [`${group}/force`]: 'enabled' },
    exclusions: { [`${group}/reconcile`]: 'disabled', [`${group}/ssa`]: 'ignore' },
    ifNotPresent: { [`${group}/ssa`]: 'ifnotpresent' },
    cleanup: {
      annotations: [
        'kubectl.kubernetes.io/last-applied-configuration',
        'kustomize.toolkit.fluxcd.io/checksum',
        'fluxcd.io/sync-checksum',
      ],
      labels: ['fluxcd.io/sync-gc-mark'],
      managers: [
        { name: 'kubectl', operation: 'Apply' },
        { name: 'kubectl', operation: 'Update' },
        { name: 'before-first-apply', operation: 'Update' },
        { name: kustomizeOwner.field, operation: 'Update' },
        ...overrideManagers.flatMap((name) => [
          { name, operation: 'Apply' } as const,
          { name, operation: 'Update' } as const,
        ]),
      ],
      exclusions: { [`${group}/ssa`]: 'merge' },
    },
  };
}

/** Live objects that match are never deleted (KUS-GC-02). */
export const kustomizePruneExclusions: MetadataSelector = {
  [`${group}/prune`]: 'disabled',
  [`${group}/reconcile`]: 'disabled',
  [`${group}/ssa`]: 'ignore',
};
