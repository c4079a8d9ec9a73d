import type { JsonValue } from '@flux/apimachinery';
import type { Kustomization } from '../config/kustomization.ts';
import type { Resource } from '../resource.ts';
import type { PluginContext } from '../transformers/transformer.ts';

export interface Generator {
  generate(): Resource[];
}

/** One builtin generator: how fields of the kustomization or a plugin configuration make instances of it. */
export interface GeneratorDefinition {
  readonly name: string;
  readonly fromKustomization?: (kustomization: Kustomization, context: PluginContext) => Generator[];
  readonly fromPlugin: (config: JsonValue, context: PluginContext) => Generator;
}

export function defineGenerator(definition: GeneratorDefinition): GeneratorDefinition {
  return definition;
}
