import type { Artifact, Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { PassProgress, Run } from '@flux/runtime';
import type { ApplyMemory } from '@flux/ssa';
import type { KustomizeSettings } from './settings.ts';

/** An extracted artifact; dispose it when the files are not needed any more. They must not be changed. */
export interface ArtifactFiles extends AsyncDisposable {
  readonly root: string;
}

export interface BuildInput {
  /** Root of the artifact. */
  readonly root: string;
  /** Folder of the Kustomization: `spec.path` below the root. */
  readonly path: string;
  readonly spec: Kustomization['spec'];
}

/** What the steps need besides the cluster of the run. */
export interface KustomizeDeps {
  readonly settings: KustomizeSettings;
  /** Downloads, verifies and extracts. */
  fetch(artifact: Artifact, signal: AbortSignal): Promise<ArtifactFiles>;
  /** Generates the kustomization file and builds it, before substitution. */
  build(input: BuildInput): Promise<{ objects: readonly KubeObject[]; isPure: boolean }>;
  /** Builds of earlier passes, by artifact and spec. */
  readonly builds: BuildCache;
  /** Runs under way, by `namespace/name`. */
  readonly attempts: Map<string, PassProgress>;
  /** Objects that were found in order. */
  readonly memory: ApplyMemory;
}

/** Keeps rendered objects; shared between passes, so they are never changed. */
export interface BuildCache {
  get(key: string): readonly KubeObject[] | undefined;
  set(key: string, objects: readonly KubeObject[]): void;
}

export type KustomizationRun = Run<Kustomization, KustomizeDeps>;
