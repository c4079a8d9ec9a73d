import type { JsonValue } from '@flux/apimachinery';
import { internalAnnotations } from '../internal-annotations.ts';
import { ensureObject, fieldOf, isObject, objectFromMap, textMap } from '../json.ts';
import { originAnnotation, transformationsAnnotation } from '../origin.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { entrySetter } from '../transformers/labels.ts';

/** The version that the managed-by label names: the kustomize whose behaviour this is. */
const kustomizeVersion = 'v5.8.2';

interface FinishOptions {
  readonly managedBy: boolean;
  readonly keepOrigins: boolean;
  readonly keepTransformations: boolean;
}

/** Last touches: the managed-by label, and annotations without anything internal (KUS-BUILD-08). */
export function finishResources(resources: ResourceSet, options: FinishOptions): void {
  if (options.managedBy) {
    const label = new Map([['app.kubernetes.io/managed-by', `kustomize-${kustomizeVersion}`]]);
    const spec = { group: '', version: '', kind: '', path: 'metadata/labels', create: true };
    entrySetter(label, [spec]).transform(resources);
  }
  for (const resource of resources.resources) finishAnnotations(resource, options);
}

/** Annotations come out as texts, whatever they were, and an empty map of them not at all; the rest as kustomize writes it. */
function finishAnnotations(resource: Resource, options: FinishOptions): void {
  resource.spellAnnotations();
  const metadata = ensureObject(resource.object, 'metadata');
  const annotations = metadata === undefined ? undefined : fieldOf(metadata, 'annotations');
  // Set aside, so that a date spelled out above is not taken for a timestamp.
  if (metadata !== undefined) delete metadata['annotations'];
  resource.settleScalars();
  if (metadata === undefined || annotations === undefined) return;
  const kept = keptAnnotations(annotations, options);
  const wasEmpty = options.keepOrigins && options.keepTransformations && !hasFields(annotations);
  if (kept.size > 0) metadata['annotations'] = objectFromMap(kept);
  else if (wasEmpty) metadata['annotations'] = annotations;
}

function keptAnnotations(
  annotations: JsonValue,
  { keepOrigins, keepTransformations }: FinishOptions,
): Map<string, string> {
  const kept = textMap(annotations);
  for (const key of kept.keys()) {
    const drops = internalAnnotations.has(key) || (key === originAnnotation && !keepOrigins);
    if (drops || (key === transformationsAnnotation && !keepTransformations)) kept.delete(key);
  }
  return kept;
}

function hasFields(value: JsonValue): boolean {
  return isObject(value) && Object.keys(value).length > 0;
}
