import type { CopyBudget } from '../copy-budget.ts';
import { fieldOf, isObject, objectFromMap, setField, textMap } from '../json.ts';
import { applyJsonPatch, type Operation } from '../merge/json-patch.ts';
import type { SchemaSet } from '../merge/schema.ts';
import { strategicMerge } from '../merge/strategic-merge.ts';
import type { Resource } from '../resource.ts';
import { type ResourceSet, setMetaMap } from '../resource-set.ts';

/** Applies a strategic merge patch; name and kind stay unless the patch may change them, the namespace always stays. */
export function applyStrategicPatch(target: Resource, patch: Resource, schemas: SchemaSet): void {
  const { name, namespace, kind } = target;
  if (patch.allowsNameChange || patch.allowsKindChange) target.storePreviousId();
  target.allowsNameChange ||= patch.allowsNameChange;
  target.allowsKindChange ||= patch.allowsKindChange;
  const merged = strategicMerge(target.object, patch.object, { schemas, spelling: target });
  target.object = merged ?? {};
  target.shared?.settle();
  if (target.isEmpty) return;
  if (!patch.allowsKindChange) target.object['kind'] = kind;
  if (!patch.allowsNameChange) target.name = name;
  const metadata = target.metadata;
  if (metadata === undefined) return;
  if (namespace === '') delete metadata['namespace'];
  else metadata['namespace'] = namespace;
}

/** Applies one patch to each of the selected resources, then drops those that it deleted. */
export function patchSelected(
  resources: ResourceSet,
  selected: readonly Resource[],
  patch: Resource,
  schemas: SchemaSet,
): void {
  for (const target of selected) {
    const before = target.id;
    const copy = patch.clone();
    stringifyMetadata(copy);
    copy.object['apiVersion'] = target.apiVersion;
    applyStrategicPatch(target, copy, schemas);
    if (target.isEmpty) resources.emptied();
    else if (target.id !== before) resources.idsChanged();
  }
  resources.dropEmpty();
  resources.checkUnique();
}

/** Labels and annotations of a patch are texts; even a null becomes one there (resource.go: CopyMergeMetaDataFieldsFrom). */
function stringifyMetadata(patch: Resource): void {
  patch.spellAnnotations();
  patch.spellLabels();
  for (const field of ['labels', 'annotations'] as const) setMetaMap(patch, field, textMap(patch.metaMap(field)));
}

/** Applies JSON 6902 operations; annotations are texts afterwards. */
export function applyOperations(
  resources: ResourceSet,
  target: Resource,
  operations: readonly Operation[],
  budget: CopyBudget,
): void {
  const before = target.id;
  target.settleScalars();
  if (target.hasHistory) target.ensureAnnotations();
  target.object = applyJsonPatch(target.object, operations, budget);
  // kustomize writes the object anew here, nulls included.
  target.text = undefined;
  target.shared = undefined;
  const metadata = fieldOf(target.object, 'metadata');
  if (isObject(metadata)) {
    const annotations = textMap(fieldOf(metadata, 'annotations'));
    if (annotations.size === 0) delete metadata['annotations'];
    else setField(metadata, 'annotations', objectFromMap(annotations));
  }
  if (target.isEmpty) resources.emptied();
  else if (target.id !== before) resources.idsChanged();
}
