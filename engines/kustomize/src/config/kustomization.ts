import {
  type DecodedStruct,
  flag,
  integer,
  list,
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
export const selector = struct('Selector', selectorFields);
export type Selector = DecodedStruct<typeof selectorFields>;

const fieldSpecFields = { group: text, version: text, kind: text, path: text, create: flag };
export const fieldSpecShape = struct('FieldSpec', fieldSpecFields);

const patchFields = {
  path: text,
  patch: text,
  target: optional(selector),
  options: optional(struct('PatchArgs', { allowNameChange: flag, allowKindChange: flag })),
};
export const patchShape = struct('Patch', patchFields);
export type Patch = DecodedStruct<typeof patchFields>;

const generatorOptionFields = {
  labels: optionalTextMapping,
  annotations: optionalTextMapping,
  disableNameSuffixHash: flag,
  immutable: flag,
};
export type GeneratorOptions = DecodedStruct<typeof generatorOptionFields>;
const generatorOptions = optional(struct('GeneratorOptions', generatorOptionFields));

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

const imageFields = { name: text, newName: text, tagSuffix: text, newTag: text, digest: text };
export const imageShape = struct('Image', imageFields);
export type Image = DecodedStruct<typeof imageFields>;

const replicaFields = { name: text, count: integer };
export const replicaShape = struct('Replica', replicaFields);
export type Replica = DecodedStruct<typeof replicaFields>;

const labelFields = {
  pairs: textMapping,
  includeSelectors: flag,
  includeTemplates: flag,
  includeVolumeClaimTemplates: flag,
  fields: list(fieldSpecShape, '[]types.FieldSpec'),
};

const fieldOptionFields = { delimiter: text, index: integer, encoding: text, create: flag };
export type FieldOptions = DecodedStruct<typeof fieldOptionFields>;
const fieldOptions = optional(struct('FieldOptions', fieldOptionFields));

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
  source: optional(struct('SourceSelector', sourceFields)),
  targets: optionalList(struct('TargetSelector', targetFields), '[]*types.TargetSelector'),
  sourceValue: optionalText,
};
export const replacementShape = struct('Replacement', replacementFields);
export type Replacement = DecodedStruct<typeof replacementFields>;
const replacementEntryFields = { ...replacementFields, path: text };
export const replacementEntry = struct('ReplacementField', replacementEntryFields);
export type ReplacementEntry = DecodedStruct<typeof replacementEntryFields>;

const variableFields = {
  name: text,
  objref: struct('Target', { apiVersion: text, group: text, version: text, kind: text, name: text, namespace: text }),
  fieldref: struct('FieldSelector', { fieldPath: text }),
};
export type Variable = DecodedStruct<typeof variableFields>;

const sortFields = {
  order: text,
  legacySortOptions: optional(struct('LegacySortOptions', { orderFirst: list(text), orderLast: list(text) })),
};
export type SortOptions = DecodedStruct<typeof sortFields>;

const opaque = (value: unknown): unknown => value;

const kustomizationFields = {
  apiVersion: text,
  kind: text,
  metadata: optional(
    struct('ObjectMeta', { name: text, namespace: text, labels: textMapping, annotations: textMapping }),
  ),
  openapi: textMapping,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: optionalTextMapping,
  labels: list(struct('Label', labelFields), '[]types.Label'),
  commonAnnotations: textMapping,
  patchesStrategicMerge: optionalList(text, '[]types.PatchStrategicMerge'),
  patchesJson6902: optionalList(patchShape, '[]types.Patch'),
  patches: list(patchShape, '[]types.Patch'),
  images: list(imageShape, '[]types.Image'),
  imageTags: optionalList(imageShape, '[]types.Image'),
  replacements: list(replacementEntry, '[]types.ReplacementField'),
  replicas: list(replicaShape, '[]types.Replica'),
  vars: optionalList(struct('Var', variableFields), '[]types.Var'),
  sortOptions: optional(struct('SortOptions', sortFields)),
  resources: list(text),
  components: list(text),
  crds: list(text),
  bases: optionalList(text),
  configMapGenerator: list(struct('ConfigMapArgs', generatorFields), '[]types.ConfigMapArgs'),
  secretGenerator: list(struct('SecretArgs', secretFields), '[]types.SecretArgs'),
  helmGlobals: opaque,
  helmCharts: list(opaque, '[]types.HelmChart'),
  helmChartInflationGenerator: list(opaque, '[]types.HelmChartArgs'),
  generatorOptions,
  configurations: list(text),
  generators: list(text),
  transformers: list(text),
  validators: list(text),
  buildMetadata: list(text),
};
export const kustomizationShape = struct('Kustomization', kustomizationFields);
export type Kustomization = DecodedStruct<typeof kustomizationFields>;
