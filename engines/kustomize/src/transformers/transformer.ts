import type { JsonValue } from '@flux/apimachinery';
import { formatYaml } from '@flux/yaml';
import type { Kustomization } from '../config/kustomization.ts';
import type { TransformerConfig } from '../config/transformer-config.ts';
import type { CopyBudget } from '../copy-budget.ts';
import { BuildError } from '../errors.ts';
import type { Loader } from '../loader/loader.ts';
import type { SchemaSet } from '../merge/schema.ts';
import type { ResourceSet } from '../resource-set.ts';

/** What a transformer may use while it is configured. */
export interface PluginContext {
  readonly loader: Loader;
  readonly schemas: SchemaSet;
  /** What the transformers of a build may copy together. */
  readonly copies: CopyBudget;
  /** The namespace of the kustomization, or of the nearest above that has one. */
  readonly namespace: string;
}

export interface Transformer {
  transform(resources: ResourceSet): void;
}

/** One builtin transformer: how the kustomization's fields or a plugin configuration make instances of it. */
export interface TransformerDefinition {
  /** The kind of its plugin configuration, and the name in transformer annotations. */
  readonly name: string;
  /** Instances asked for by fields of the kustomization; absent for those that only plugins make. */
  readonly fromKustomization?: (
    kustomization: Kustomization,
    config: TransformerConfig,
    context: PluginContext,
  ) => Transformer[];
  /** The instance for a plugin configuration (`apiVersion: builtin`). */
  readonly fromPlugin: (config: JsonValue, context: PluginContext) => Transformer;
}

export function defineTransformer(definition: TransformerDefinition): TransformerDefinition {
  return definition;
}

/** Makes an instance; a failure quotes the configuration, as kustomize does. */
export function configure<T>(name: string, config: () => JsonValue, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(
      `trouble configuring builtin ${name} with config: \`\n${formatYaml(config())}\`: ${error.message}`,
      { cause: error },
    );
  }
}

/** Leaves out fields that hold nothing, as Go's `omitempty` does. */
export function compact(fields: Readonly<Record<string, JsonValue | undefined>>): JsonValue {
  const result: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || value === null || value === '' || value === false || value === 0) continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    result[key] = value;
  }
  return result;
}
