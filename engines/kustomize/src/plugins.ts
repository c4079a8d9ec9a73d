import { FluxError } from '@flux/errors';
import { BuildError, withPrefix } from './errors.ts';
import { configMapGenerator, secretGenerator } from './generators/config-map.ts';
import type { Generator, GeneratorDefinition } from './generators/generator.ts';
import { helmChartGenerator } from './generators/helm-chart.ts';
import { iamPolicyGenerator } from './generators/iam-policy.ts';
import { formatGvk } from './gvk.ts';
import type { Resource } from './resource.ts';
import { formatId } from './resource-id.ts';
import { hashTransformer } from './transformers/hash.ts';
import { imageTransformer } from './transformers/images.ts';
import { annotationsTransformer, labelTransformer } from './transformers/labels.ts';
import { prefixSuffixTransformer, prefixTransformer, suffixTransformer } from './transformers/name-affix.ts';
import { namespaceTransformer } from './transformers/namespace.ts';
import { patchTransformer } from './transformers/patch.ts';
import { patchJson6902Transformer } from './transformers/patch-json6902.ts';
import { patchStrategicMergeTransformer } from './transformers/patch-strategic-merge.ts';
import { replacementTransformer } from './transformers/replacement.ts';
import { replicaTransformer } from './transformers/replicas.ts';
import type { PluginContext, Transformer, TransformerDefinition } from './transformers/transformer.ts';
import { valueAddTransformer } from './transformers/value-add.ts';

/** Builtin generators in the order in which a kustomization's fields run. */
export const generators: readonly GeneratorDefinition[] = [configMapGenerator, secretGenerator, helmChartGenerator];

/** Builtin transformers in the order in which a kustomization's fields run. */
export const transformers: readonly TransformerDefinition[] = [
  patchStrategicMergeTransformer,
  patchTransformer,
  namespaceTransformer,
  prefixTransformer,
  suffixTransformer,
  labelTransformer,
  annotationsTransformer,
  patchJson6902Transformer,
  replicaTransformer,
  imageTransformer,
  replacementTransformer,
];

/** Generators that a plugin configuration may ask for. */
export const pluginGenerators: readonly GeneratorDefinition[] = [...generators, iamPolicyGenerator];
/** Transformers that a plugin configuration may ask for. */
export const pluginTransformers: readonly TransformerDefinition[] = [
  ...transformers,
  hashTransformer,
  prefixSuffixTransformer,
  valueAddTransformer,
];

export function loadPluginGenerator(config: Resource, context: PluginContext): Generator {
  return withPrefix('failed to load generator', () => {
    const { kind } = requireBuiltin(config);
    const definition = pluginGenerators.find(({ name }) => name === kind);
    if (definition !== undefined) return configured(config, () => definition.fromPlugin(config.object, context));
    if (pluginTransformers.some(({ name }) => name === kind)) {
      throw new BuildError(`plugin ${formatId(config.originalId)} not a generator`);
    }
    throw unknown(config);
  });
}

export function loadPluginTransformer(config: Resource, context: PluginContext): Transformer {
  const { kind } = requireBuiltin(config);
  const definition = pluginTransformers.find(({ name }) => name === kind);
  if (definition !== undefined) return configured(config, () => definition.fromPlugin(config.object, context));
  if (pluginGenerators.some(({ name }) => name === kind)) {
    throw new BuildError(`plugin ${formatId(config.originalId)} not a transformer`);
  }
  throw unknown(config);
}

/** Exec, Go and container plugins are never run (KUS-BUILD-03). */
function requireBuiltin(config: Resource): Resource {
  const { group, version } = config.id;
  if (group === '' && version === 'builtin') return config;
  throw new BuildError(`external plugins disabled; unable to load external plugin '${config.kind}'`);
}

function configured<T>(config: Resource, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new BuildError(`plugin ${formatId(config.originalId)} fails configuration: ${error.message}`, {
      cause: error,
    });
  }
}

function unknown(config: Resource): BuildError {
  return new BuildError(`unable to load builtin ${formatGvk(config.id)}`);
}
