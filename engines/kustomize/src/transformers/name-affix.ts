import type { JsonValue } from '@flux/apimachinery';
import { list, struct, text, unmarshal } from '../config/decode.ts';
import { type FieldSpec, requireScalar, visitField } from '../config/field-spec.ts';
import { fieldSpecShape } from '../config/kustomization.ts';
import { BuildError } from '../errors.ts';
import { type Gvk, isSelected } from '../gvk.ts';
import { readSlot, scalarText, writeSlot } from '../json.ts';
import { restyled } from '../plain-scalar.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { defineTransformer, type Transformer } from './transformer.ts';

/** Kinds that keep their names: others refer to them by names that kustomize does not know. */
const fixedNames: readonly Gvk[] = [
  { kind: 'CustomResourceDefinition', group: '', version: '' },
  { kind: 'APIService', group: 'apiregistration.k8s.io', version: '' },
  { kind: 'Namespace', group: '', version: '' },
];

interface Affix {
  readonly prefix: string;
  readonly suffix: string;
  readonly fieldSpecs: readonly FieldSpec[];
}

/** `namePrefix`: put before names; references by the old name are fixed later. */
export const prefixTransformer = defineTransformer({
  name: 'PrefixTransformer',
  fromKustomization({ namePrefix: prefix }, config) {
    return prefix === '' ? [] : [affixer({ prefix, suffix: '', fieldSpecs: config.namePrefix })];
  },
  fromPlugin: (raw) => {
    const { prefix, fieldSpecs } = decode(raw);
    return affixer({ prefix, suffix: '', fieldSpecs });
  },
});

/** `nameSuffix`: put after names. */
export const suffixTransformer = defineTransformer({
  name: 'SuffixTransformer',
  fromKustomization({ nameSuffix: suffix }, config) {
    return suffix === '' ? [] : [affixer({ prefix: '', suffix, fieldSpecs: config.nameSuffix })];
  },
  fromPlugin: (raw) => {
    const { suffix, fieldSpecs } = decode(raw);
    return affixer({ prefix: '', suffix, fieldSpecs });
  },
});

/** The older plugin kind that does both. */
export const prefixSuffixTransformer = defineTransformer({
  name: 'PrefixSuffixTransformer',
  fromPlugin: (raw) => {
    const { prefix, suffix, fieldSpecs } = decode(raw);
    const steps = [affixer({ prefix, suffix: '', fieldSpecs }), affixer({ prefix: '', suffix, fieldSpecs })];
    return {
      transform(resources) {
        for (const step of steps) step.transform(resources);
      },
    };
  },
});

const pluginShape = struct('builtins.PrefixSuffixTransformerPlugin', {
  prefix: text,
  suffix: text,
  fieldSpecs: list(fieldSpecShape),
});

function decode(raw: JsonValue): Affix {
  const config = unmarshal(pluginShape, raw);
  if (config.fieldSpecs.length === 0) throw new BuildError('fieldSpecs is not expected to be nil');
  return config;
}

function affixer(affix: Affix): Transformer {
  return {
    transform(resources: ResourceSet) {
      for (const resource of resources.resources) affixName(resource, affix);
      resources.idsChanged();
    },
  };
}

function affixName(resource: Resource, { prefix, suffix, fieldSpecs }: Affix): void {
  const original = resource.originalId;
  if (fixedNames.some((gvk) => isSelected(original, gvk))) return;
  for (const spec of fieldSpecs) {
    if (!isSelected(original, spec)) continue;
    if (spec.path === 'metadata/name') {
      if (prefix !== '') resource.prefixes.push(prefix);
      if (suffix !== '') resource.suffixes.push(suffix);
      if (prefix !== '' || suffix !== '') resource.storePreviousId();
    }
    visitField(
      resource,
      spec,
      (holder, key) => {
        const current = readSlot(holder, key);
        requireScalar(current);
        writeSlot(holder, key, restyled(current, prefix + scalarText(current) + suffix));
      },
      'scalar',
    );
  }
}
