import {
  type DecodedStruct,
  flag,
  integer,
  list,
  mapping,
  namedText,
  optional,
  optionalList,
  optionalText,
  optionalTextMapping,
  struct,
  text,
  textMapping,
} from './decode.ts';

/** The kustomization API, kustomize.config.k8s.io v1beta1 (Kustomization) and v1alpha1 (Component). */
const selectorFields = {
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  annotationSelector: text,
  labelSelector: text,
};
const idHolders = {
  group: 'ResId.Gvk',
  version: 'ResId.Gvk',
  kind: 'ResId.Gvk',
  name: 'ResId',
  namespace: 'ResId',
};
export const selector = struct('types.Selector', selectorFields, idHolders);
export type Selector = DecodedStruct<typeof selectorFields>;

const fieldSpecFields = { group: text, version: text, kind: text, path: text, create: flag };
export const gvkHolders = { group: 'Gvk', version: 'Gvk', kind: 'Gvk' };
export const fieldSpecShape = struct('types.FieldSpec', fieldSpecFields, gvkHolders);

const patchFields = {
  path: text,
  patch: text,
  target: optional(selector),
  options: optional(struct('types.PatchArgs', { allowNameChange: flag, allowKindChange: flag })),
};
export const patchPluginShape = struct('builtins.PatchTransformerPlugin', patchFields);
const patchShape = struct('types.Patch', patchFields);
export type Patch = DecodedStruct<typeof patchFields>;

const generatorOptionFields = {
  labels: optionalTextMapping,
  annotations: optionalTextMapping,
  disableNameSuffixHash: flag,
  immutable: flag,
};
export type GeneratorOptions = DecodedStruct<typeof generatorOptionFields>;
const generatorOptions = optional(struct('types.GeneratorOptions', generatorOptionFields));

export const generatorFields = {
  namespace: text,
  name: text,
  behavior: text,
  literals: list(text),
  files: list(text),
  envs: list(text),
  env: text,
  options: generatorOptions,
};
export type GeneratorArgs = DecodedStruct<typeof generatorFields>;
export const secretFields = { ...generatorFields, type: text };
const args = 'GeneratorArgs';
const sources = `${args}.KvPairSources`;
/** The Go structs that hold the fields of generators. */
export const generatorHolders = {
  ...{ namespace: args, name: args, behavior: args, options: args },
  ...{ literals: sources, files: sources, envs: sources, env: sources },
};

const imageFields = { name: text, newName: text, tagSuffix: text, newTag: text, digest: text };
export const imageShape = struct('types.Image', imageFields);
export type Image = DecodedStruct<typeof imageFields>;

const replicaFields = { name: text, count: integer('int64') };
export const replicaShape = struct('types.Replica', replicaFields);
export type Replica = DecodedStruct<typeof replicaFields>;

const labelFields = {
  pairs: textMapping,
  includeSelectors: flag,
  includeTemplates: flag,
  includeVolumeClaimTemplates: flag,
  fields: list(fieldSpecShape, '[]types.FieldSpec'),
};

const fieldOptionFields = { delimiter: text, index: integer('int'), encoding: text, create: flag };
export type FieldOptions = DecodedStruct<typeof fieldOptionFields>;
const fieldOptions = optional(struct('types.FieldOptions', fieldOptionFields));

const sourceFields = {
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  fieldPath: text,
  options: fieldOptions,
};
export type ReplacementSource = DecodedStruct<typeof sourceFields>;
const targetFields = {
  select: optional(selector),
  reject: list(selector, '[]*types.Selector'),
  fieldPaths: list(text),
  options: fieldOptions,
};
export type ReplacementTarget = DecodedStruct<typeof targetFields>;
const replacementFields = {
  source: optional(struct('types.SourceSelector', sourceFields, idHolders)),
  targets: optionalList(struct('types.TargetSelector', targetFields), '[]*types.TargetSelector'),
  sourceValue: optionalText,
};
export const replacementShape = struct('types.Replacement', replacementFields);
export type Replacement = DecodedStruct<typeof replacementFields>;
const replacementEntryFields = { ...replacementFields, path: text };
export const replacementEntry = struct('types.ReplacementField', replacementEntryFields, {
  source: 'Replacement',
  targets: 'Replacement',
  sourceValue: 'Replacement',
});
export type ReplacementEntry = DecodedStruct<typeof replacementEntryFields>;

const targetIdFields = { apiVersion: text, group: text, version: text, kind: text, name: text, namespace: text };
const variableFields = {
  name: text,
  objref: struct('types.Target', targetIdFields, gvkHolders),
  fieldref: struct('types.FieldSelector', { fieldPath: text }),
};
export type Variable = DecodedStruct<typeof variableFields>;

const sortFields = {
  order: namedText('types.SortOrder'),
  legacySortOptions: optional(struct('types.LegacySortOptions', { orderFirst: list(text), orderLast: list(text) })),
};
export type SortOptions = DecodedStruct<typeof sortFields>;

const chartFields = {
  name: text,
  version: text,
  repo: text,
  releaseName: text,
  namespace: text,
  additionalValuesFiles: list(text),
  valuesFile: text,
  valuesInline: mapping,
  valuesMerge: text,
  includeCRDs: flag,
  skipHooks: flag,
  apiVersions: list(text),
  kubeVersion: text,
  nameTemplate: text,
  skipTests: flag,
  debug: flag,
  devel: flag,
};
const chartGlobalFields = { chartHome: text, configHome: text };
export type ChartGlobals = DecodedStruct<typeof chartGlobalFields>;
const chartPluginFields = { ...chartFields, ...chartGlobalFields };
export type Chart = DecodedStruct<typeof chartPluginFields>;
export const chartPluginShape = struct('builtins.HelmChartInflationGeneratorPlugin', chartPluginFields);

const olderChartFields = {
  ...{ chartName: text, chartVersion: text, chartRepoUrl: text, chartHome: text, chartRepoName: text },
  ...{ helmBin: text, helmHome: text, values: text, valuesLocal: mapping, valuesMerge: text },
  ...{ releaseName: text, releaseNamespace: text, extraArgs: list(text) },
};
export type OlderChart = DecodedStruct<typeof olderChartFields>;

export const objectMeta = struct('types.ObjectMeta', {
  name: text,
  namespace: text,
  labels: textMapping,
  annotations: textMapping,
});
export const patchText = namedText('types.PatchStrategicMerge');
const configMapShape = struct('types.ConfigMapArgs', generatorFields, generatorHolders);
const secretShape = struct('types.SecretArgs', secretFields, generatorHolders);

const kustomizationFields = {
  apiVersion: text,
  kind: text,
  metadata: optional(objectMeta),
  openapi: textMapping,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: optionalTextMapping,
  labels: list(struct('types.Label', labelFields), '[]types.Label'),
  commonAnnotations: textMapping,
  patchesStrategicMerge: optionalList(patchText, '[]types.PatchStrategicMerge'),
  patchesJson6902: optionalList(patchShape, '[]types.Patch'),
  patches: list(patchShape, '[]types.Patch'),
  images: list(imageShape, '[]types.Image'),
  imageTags: optionalList(imageShape, '[]types.Image'),
  replacements: list(replacementEntry, '[]types.ReplacementField'),
  replicas: list(replicaShape, '[]types.Replica'),
  vars: optionalList(struct('types.Var', variableFields), '[]types.Var'),
  sortOptions: optional(struct('types.SortOptions', sortFields)),
  resources: list(text),
  components: list(text),
  crds: list(text),
  bases: optionalList(text),
  configMapGenerator: list(configMapShape, '[]types.ConfigMapArgs'),
  secretGenerator: list(secretShape, '[]types.SecretArgs'),
  helmGlobals: optional(struct('types.HelmGlobals', chartGlobalFields)),
  helmCharts: list(struct('types.HelmChart', chartFields), '[]types.HelmChart'),
  helmChartInflationGenerator: list(struct('types.HelmChartArgs', olderChartFields), '[]types.HelmChartArgs'),
  generatorOptions,
  configurations: list(text),
  generators: list(text),
  transformers: list(text),
  validators: list(text),
  buildMetadata: list(text),
};
export const kustomizationShape = struct('types.Kustomization', kustomizationFields, {
  apiVersion: 'TypeMeta',
  kind: 'TypeMeta',
});
export type Kustomization = DecodedStruct<typeof kustomizationFields>;
