import { withPrefix } from '../errors.ts';
import { type Gvk, gvkEquals } from '../gvk.ts';
import type { Loader } from '../loader/loader.ts';
import { readDocument } from '../read-yaml.ts';
import { list, struct, text, unmarshal } from './decode.ts';
import { defaultReferences, defaultSpecs, type SpecRow } from './default-specs.table.ts';
import { addFieldSpec, type FieldSpec, mergeFieldSpecs, sortByGvk } from './field-spec.ts';
import { fieldSpecShape, gvkHolders } from './kustomization.ts';

/** A kind whose name other resources hold, and the fields that hold it. */
export interface NameReference extends Gvk {
  readonly fieldSpecs: readonly FieldSpec[];
}

const specFields = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'labels',
  'templateLabels',
  'volumeClaimTemplateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
] as const;
type SpecField = (typeof specFields)[number];

/** Where transformers write. Immutable: merging gives a new one, or one of the two when the other adds nothing. */
export interface TransformerConfig extends Readonly<Record<SpecField, readonly FieldSpec[]>> {
  readonly nameReference: readonly NameReference[];
}

export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
};

let defaults: TransformerConfig | undefined;

/** kustomize's built-in configuration, made on first use. */
function defaultConfig(): TransformerConfig {
  defaults ??= sorted({
    ...specRecord((field) => (defaultSpecs[field] ?? []).map(fromRow)),
    nameReference: defaultReferences.map(([kind, group, version, places]) => ({
      kind,
      group,
      version,
      fieldSpecs: places.map(fromRow),
    })),
  });
  return defaults;
}

function fromRow([path, kind = '', group = '', version = '', create = false]: SpecRow): FieldSpec {
  return { path, kind, group, version, create };
}

function specRecord(make: (field: SpecField) => readonly FieldSpec[]): Record<SpecField, readonly FieldSpec[]> {
  const record: Record<SpecField, readonly FieldSpec[]> = { ...emptyConfig };
  for (const field of specFields) record[field] = make(field);
  return record;
}

function sorted(config: TransformerConfig): TransformerConfig {
  return {
    ...specRecord((field) => sortByGvk(config[field])),
    nameReference: sortByGvk(config.nameReference),
  };
}

const goNames: Readonly<Record<SpecField, string>> = {
  namePrefix: 'NamePrefix',
  nameSuffix: 'NameSuffix',
  namespace: 'NameSpace',
  commonLabels: 'CommonLabels',
  labels: 'Labels',
  templateLabels: 'TemplateLabels',
  volumeClaimTemplateLabels: 'VolumeClaimTemplateLabels',
  commonAnnotations: 'CommonAnnotations',
  varReference: 'VarReference',
  images: 'Images',
  replicas: 'Replicas',
};

let mergedDefaults: TransformerConfig | undefined;

/**
 * Adds `added` to `config`. Merging into an empty configuration matters too: a spec is dropped when an earlier one of a
 * single kind has its path. The defaults, merged again at every level, are merged only once.
 */
export function mergeConfig(config: TransformerConfig, added: TransformerConfig): TransformerConfig {
  if (added === emptyConfig) return config;
  if (added !== defaults && added !== mergedDefaults) return mergeAll(config, added);
  mergedDefaults ??= mergeAll(emptyConfig, added);
  return config === emptyConfig || config === mergedDefaults ? mergedDefaults : mergeAll(config, added);
}

function mergeAll(config: TransformerConfig, added: TransformerConfig): TransformerConfig {
  return sorted({
    ...specRecord((field) =>
      withPrefix(`failed to merge ${goNames[field]} fieldSpec`, () => mergeFieldSpecs(config[field], added[field])),
    ),
    nameReference: withPrefix('failed to merge NameReference fieldSpec', () =>
      added.nameReference.reduce<NameReference[]>(addReference, [...config.nameReference]),
    ),
  });
}

function addReference(references: NameReference[], added: NameReference): NameReference[] {
  const index = references.findIndex((reference) => gvkEquals(reference, added));
  const known = references[index];
  if (known === undefined) references.push(added);
  else references[index] = { ...known, fieldSpecs: mergeFieldSpecs(known.fieldSpecs, added.fieldSpecs) };
  return references;
}

const specs = list(fieldSpecShape, 'types.FsSlice');
const configFields = {
  ...(Object.fromEntries(specFields.map((field) => [field, specs])) as Record<SpecField, typeof specs>),
  nameReference: list(
    struct(
      'builtinconfig.NameBackReferences',
      { group: text, version: text, kind: text, fieldSpecs: specs },
      gvkHolders,
    ),
    'builtinconfig.nbrSlice',
  ),
};
const configShape = struct('builtinconfig.TransformerConfig', configFields);

/** The configuration of one kustomization: the defaults and its `configurations` files. */
export function loadConfig(loader: Loader, paths: readonly string[]): TransformerConfig {
  if (paths.length === 0) return defaultConfig();
  const own = paths.reduce((config, path) => mergeConfig(config, parseConfigFile(loader.loadText(path))), emptyConfig);
  return mergeConfig(defaultConfig(), own);
}

function parseConfigFile(content: string): TransformerConfig {
  return sorted(unmarshal(configShape, readDocument(content, { strict: true }), { strict: true }));
}

/** A configuration under construction, for CRD schemas. */
export class ConfigBuilder {
  readonly #specs = specRecord(() => []) as Record<SpecField, FieldSpec[]>;
  readonly #references: NameReference[] = [];

  constructor() {
    for (const field of specFields) this.#specs[field] = [];
  }

  add(field: SpecField, spec: FieldSpec): void {
    addFieldSpec(this.#specs[field], spec);
  }

  addReference(reference: NameReference): void {
    addReference(this.#references, reference);
  }

  build(): TransformerConfig {
    return sorted({ ...this.#specs, nameReference: this.#references });
  }
}
