import type { JsonValue } from '@flux/apimachinery';
import type { Kustomization } from './config/kustomization.ts';
import { loadKustomization } from './config/kustomization-file.ts';
import { emptyConfig, type TransformerConfig } from './config/transformer-config.ts';
import type { CopyBudget } from './copy-budget.ts';
import { BuildError } from './errors.ts';
import { VariableSet } from './finish/variables.ts';
import type { Loader } from './loader/loader.ts';
import type { SchemaSet } from './merge/schema.ts';
import type { Origin } from './origin.ts';
import { readConfig } from './read-yaml.ts';
import { ResourceSet } from './resource-set.ts';

/** What one build shares between its kustomizations. */
export interface BuildState {
  readonly schemas: SchemaSet;
  readonly copies: CopyBudget;
  readonly warn: (message: string) => void;
  /** Gathers a kustomization; a base below another is gathered by the same function. */
  readonly accumulate: (target: Target, into: Accumulation) => Accumulation;
  /** Kustomizations that may still be read; bases that multiply without end stop here. */
  remaining: number;
}

/** Resources and what later steps need, gathered from a kustomization and everything below it. */
export interface Accumulation {
  readonly resources: ResourceSet;
  readonly variables: VariableSet;
  config: TransformerConfig;
}

/** One kustomization that is being built. */
export interface Target {
  readonly loader: Loader;
  readonly file: string;
  readonly kustomization: Kustomization;
  /** Tracked only when the root's `buildMetadata` asks for anything. */
  readonly origin: Origin | undefined;
  /** The namespace of the nearest kustomization above that has one, for charts. */
  readonly outerNamespace: string;
  readonly state: BuildState;
}

export function emptyAccumulation(): Accumulation {
  return { resources: new ResourceSet(), variables: new VariableSet(), config: emptyConfig };
}

export function openTarget(
  loader: Loader,
  state: BuildState,
  { origin, outerNamespace }: Pick<Target, 'origin' | 'outerNamespace'>,
): Target {
  if (state.remaining-- <= 0) {
    throw new BuildError(`too many kustomizations in one build, at '${loader.root}'`);
  }
  const { name, kustomization } = loadKustomization(loader, state.warn);
  return { loader, file: name, kustomization, origin, outerNamespace, state };
}

/** Applies the `openapi` field of a kustomization. */
export function useOpenApi({ loader, kustomization, state }: Target): void {
  const { openapi } = kustomization;
  const path = openapi.get('path');
  let document: JsonValue | undefined;
  if (path !== undefined) document = readConfig(loader.loadText(path)) ?? {};
  state.schemas.use(openapi, document);
}
