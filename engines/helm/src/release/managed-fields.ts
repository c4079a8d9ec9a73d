import { deepEqual, FieldSet, type KubeObject, type ManagedFieldsEntry } from '@flux/apimachinery';

/**
 * The JSON patch that hands the fields which `manager` wrote by client-side apply to its server-side apply, so that those
 * that go away are removed; undefined when there are none (HELM-KUBE-06). Follows client-go's csaupgrade.
 */
export function managedFieldsUpgrade(object: KubeObject, manager: string): unknown[] | undefined {
  const before = object.metadata.managedFields;
  if (!before) return undefined;
  const after = upgradeEntries(before, manager);
  if (deepEqual(before, after)) return undefined;
  return [
    { op: 'replace', path: '/metadata/managedFields', value: after },
    // not a test: a changed object is to be a conflict, not an invalid request
    { op: 'replace', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
  ];
}

function upgradeEntries(before: readonly ManagedFieldsEntry[], manager: string): ManagedFieldsEntry[] {
  const isOf = (operation: 'Apply' | 'Update') => (entry: ManagedFieldsEntry) =>
    entry.manager === manager && entry.operation === operation && !entry.subresource;
  const isUpdate = isOf('Update');
  const target = before.find(isOf('Apply')) ?? before.find(isUpdate);
  if (!target) return [...before];
  const same = before.find((entry) => isUpdate(entry) && entry.apiVersion === target.apiVersion);
  const fields = [target, same].map((entry) => FieldSet.fromFieldsV1(entry?.fieldsV1 ?? {}));
  const merged: ManagedFieldsEntry = {
    ...target,
    operation: 'Apply',
    fieldsV1: fields[0]!.union(fields[1]!).toFieldsV1(),
  };
  return before
    .filter((entry) => entry === target || !isUpdate(entry))
    .map((entry) => (entry === target ? merged : entry));
}
