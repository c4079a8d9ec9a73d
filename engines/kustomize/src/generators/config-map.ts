import type { JsonObject } from '@flux/apimachinery';
import { struct, unmarshal } from '../config/decode.ts';
import {
  type GeneratorArgs,
  type GeneratorOptions,
  generatorFields,
  generatorHolders,
  objectMeta,
  secretFields,
} from '../config/kustomization.ts';
import { BuildError } from '../errors.ts';
import { compareText } from '../gvk.ts';
import { parseBehavior } from '../internal-annotations.ts';
import { objectFromMap, setField } from '../json.ts';
import { Resource } from '../resource.ts';
import type { PluginContext } from '../transformers/transformer.ts';
import { encodeBase64 } from './base64.ts';
import { defineGenerator } from './generator.ts';
import { loadPairs, type PairValue } from './key-values.ts';

const configMapShape = struct(
  'builtins.ConfigMapGeneratorPlugin',
  { ...generatorFields, metadata: objectMeta },
  holdersIn('ConfigMapArgs'),
);
const secretShape = struct(
  'builtins.SecretGeneratorPlugin',
  { ...secretFields, metadata: objectMeta },
  { ...holdersIn('SecretArgs'), type: 'SecretArgs' },
);

function holdersIn(outer: string): Record<string, string> {
  return Object.fromEntries(Object.entries(generatorHolders).map(([field, holder]) => [field, `${outer}.${holder}`]));
}

/** `configMapGenerator`: a ConfigMap from literals, files and env files, named with a hash of its content. */
export const configMapGenerator = defineGenerator({
  name: 'ConfigMapGenerator',
  fromKustomization: ({ configMapGenerator: list, generatorOptions }, context) =>
    list.map((args) => {
      const options = mergeOptions(args.options, generatorOptions);
      return { generate: () => [makeConfigMap({ ...args, options }, context)] };
    }),
  fromPlugin(raw, context) {
    const args = named(unmarshal(configMapShape, raw));
    return { generate: () => [makeConfigMap(args, context)] };
  },
});

/** `secretGenerator`: a Secret, its values in base64. */
export const secretGenerator = defineGenerator({
  name: 'SecretGenerator',
  fromKustomization: ({ secretGenerator: list, generatorOptions }, context) =>
    list.map((args) => {
      const options = mergeOptions(args.options, generatorOptions);
      return { generate: () => [makeSecret({ ...args, options }, args.type, context)] };
    }),
  fromPlugin(raw, context) {
    const args = named(unmarshal(secretShape, raw));
    return { generate: () => [makeSecret(args, args.type, context)] };
  },
});

/** A plugin configuration may give name and namespace in its metadata. */
function named<T extends GeneratorArgs & { metadata: { name: string; namespace: string } }>(args: T): T {
  return { ...args, name: args.name || args.metadata.name, namespace: args.namespace || args.metadata.namespace };
}

/** Global options fill what the generator's own leave open; the flags are joined by "or". */
function mergeOptions(
  own: GeneratorOptions | undefined,
  global: GeneratorOptions | undefined,
): GeneratorOptions | undefined {
  if (global === undefined) return own;
  return {
    labels: new Map([...(global.labels ?? []), ...(own?.labels ?? [])]),
    annotations: new Map([...(global.annotations ?? []), ...(own?.annotations ?? [])]),
    disableNameSuffixHash: (own?.disableNameSuffixHash ?? false) || global.disableNameSuffixHash,
    immutable: (own?.immutable ?? false) || global.immutable,
  };
}

function sortedPairs(args: GeneratorArgs, { loader }: PluginContext): [string, PairValue][] {
  return [...loadPairs(args, loader)].sort(([a], [b]) => compareText(a, b));
}

function makeConfigMap(args: GeneratorArgs, context: PluginContext): Resource {
  const object = baseObject('ConfigMap', args);
  const data: JsonObject = {};
  const binaryData: JsonObject = {};
  for (const [key, value] of sortedPairs(args, context)) {
    if (typeof value === 'string') setField(data, key, value);
    else setField(binaryData, key, encodeBase64(value));
  }
  if (Object.keys(data).length > 0) object['data'] = data;
  if (Object.keys(binaryData).length > 0) object['binaryData'] = binaryData;
  return finish(object, args, context);
}

function makeSecret(args: GeneratorArgs, type: string, context: PluginContext): Resource {
  const object = baseObject('Secret', args);
  object['type'] = type === '' ? 'Opaque' : type;
  const data: JsonObject = {};
  for (const [key, value] of sortedPairs(args, context)) setField(data, key, encodeBase64(value));
  object['data'] = data;
  return finish(object, args, context);
}

function baseObject(kind: string, { name, namespace }: GeneratorArgs): JsonObject {
  if (name === '') throw new BuildError('a configmap must have a name');
  const metadata: JsonObject = { name };
  if (namespace !== '') metadata['namespace'] = namespace;
  return { apiVersion: 'v1', kind, metadata };
}

function finish(object: JsonObject, args: GeneratorArgs, { schemas }: PluginContext): Resource {
  const { options } = args;
  const metadata = object['metadata'] as JsonObject;
  if ((options?.labels?.size ?? 0) > 0) metadata['labels'] = objectFromMap(options?.labels ?? new Map());
  if ((options?.annotations?.size ?? 0) > 0) metadata['annotations'] = objectFromMap(options?.annotations ?? new Map());
  if (options?.immutable) object['immutable'] = true;
  const resource = new Resource(object, schemas);
  resource.needsHash = !(options?.disableNameSuffixHash ?? false);
  resource.behavior = parseBehavior(args.behavior);
  return resource;
}
