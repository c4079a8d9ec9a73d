import type { JsonObject } from '@flux/apimachinery';
import { list, struct, textMapping, unmarshal } from '../config/decode.ts';
import {
  addFieldSpec,
  type FieldSpec,
  mergeFieldSpecs,
  selectedSpecs,
  setEntry,
  visitPath,
} from '../config/field-spec.ts';
import { fieldSpecShape, type Kustomization } from '../config/kustomization.ts';
import type { TransformerConfig } from '../config/transformer-config.ts';
import { withPrefix } from '../errors.ts';
import { compareText } from '../gvk.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { SharedEntries } from '../shared-entries.ts';
import { defineTransformer, type Transformer } from './transformer.ts';

/** `labels` and `commonLabels`: pairs set in metadata and, as asked, in templates and selectors. */
export const labelTransformer = defineTransformer({
  name: 'LabelTransformer',
  fromKustomization(kustomization, config) {
    const { labels, commonLabels } = kustomization;
    if (labels.length === 0 && (commonLabels?.size ?? 0) === 0) return [];
    const steps = labels.map((label) => entrySetter(label.pairs, labelSpecs(label, config)));
    // kustomize runs this step even without common labels; it then only shows in transformer annotations.
    steps.push(entrySetter(commonLabels ?? new Map(), config.commonLabels));
    return steps;
  },
  fromPlugin(raw) {
    const config = unmarshal(labelShape, raw);
    return entrySetter(config.labels, config.fieldSpecs);
  },
});

/** `commonAnnotations`: pairs set in metadata and pod templates. */
export const annotationsTransformer = defineTransformer({
  name: 'AnnotationsTransformer',
  fromKustomization({ commonAnnotations }, config) {
    return commonAnnotations.size === 0 ? [] : [entrySetter(commonAnnotations, config.commonAnnotations)];
  },
  fromPlugin(raw) {
    const config = unmarshal(annotationShape, raw);
    const setter = entrySetter(config.annotations, config.fieldSpecs);
    return {
      transform(resources) {
        // kustomize's notes on a resource are annotations, to which a spec that makes nothing adds its own.
        if (config.annotations.size > 0 && config.fieldSpecs.some(({ path }) => path === 'metadata/annotations')) {
          for (const resource of resources.resources) if (resource.hasHistory) resource.ensureAnnotations();
        }
        setter.transform(resources);
      },
    };
  },
});

const labelShape = struct('builtins.LabelTransformerPlugin', {
  labels: textMapping,
  fieldSpecs: list(fieldSpecShape, '[]types.FieldSpec'),
});
const annotationShape = struct('builtins.AnnotationsTransformerPlugin', {
  annotations: textMapping,
  fieldSpecs: list(fieldSpecShape, '[]types.FieldSpec'),
});

type Label = Kustomization['labels'][number];

function labelSpecs(label: Label, config: TransformerConfig): FieldSpec[] {
  return withPrefix('failed to merge labels', () => {
    const specs = mergeFieldSpecs(label.fields, config.labels);
    if (label.includeSelectors) return mergeFieldSpecs(specs, config.commonLabels);
    const all = [...specs];
    if (label.includeTemplates) {
      withPrefix('failed to merge template fieldSpec', () => addAll(all, config.templateLabels));
    }
    if (label.includeVolumeClaimTemplates) {
      withPrefix('failed to merge volumeClaimTemplate fieldSpec', () => addAll(all, config.volumeClaimTemplateLabels));
    }
    addFieldSpec(all, { kind: '', group: '', version: '', path: 'metadata/labels', create: true });
    return all;
  });
}

function addAll(specs: FieldSpec[], added: readonly FieldSpec[]): void {
  for (const spec of added) addFieldSpec(specs, spec);
}

/** Sets pairs in the maps at the given places, made where a spec says so. */
export function entrySetter(pairs: ReadonlyMap<string, string>, specs: readonly FieldSpec[]): Transformer {
  const entries = [...pairs].sort(([a], [b]) => compareText(a, b));
  return {
    transform(resources: ResourceSet) {
      for (const resource of resources.resources) {
        const selected = selectedSpecs(specs, resource.id);
        for (const [key, value] of entries) addEntry(resource, key, value, selected);
        resource.shared?.settle();
      }
    },
  };
}

function addEntry(resource: Resource, key: string, value: string, specs: readonly FieldSpec[]): void {
  const holders: JsonObject[] = [];
  const set = setEntry(key, value, (map) => holders.push(map));
  for (const spec of specs) visitPath(resource, spec, set, 'map');
  if (holders.length < 2) return;
  resource.shared ??= new SharedEntries();
  resource.shared.add(key, value, holders);
}
