import type { KubeObject, ManagedFieldsEntry } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { takeOverFields, unionFields } from './field-managers.ts';

function object(...managedFields: ManagedFieldsEntry[]): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', managedFields } };
}

const kubectl = {
  manager: 'kubectl-client-side-apply',
  operation: 'Update',
  fieldsV1: { 'f:data': { 'f:a': {} } },
} as const;
const own = { manager: 'kustomize-controller', operation: 'Apply', fieldsV1: { 'f:data': { 'f:b': {} } } } as const;
const other = { manager: 'helm', operation: 'Update', fieldsV1: { 'f:data': { 'f:c': {} } } } as const;
const rules = [{ name: 'kubectl', operation: 'Update' } as const];

test('fields of a manager with that prefix are merged into ours, which goes last (KUS-APPLY-13)', () => {
  expect(takeOverFields(object(kubectl, own, other), rules, 'kustomize-controller')).toEqual([
    other,
    { ...own, fieldsV1: { 'f:data': { 'f:a': {}, 'f:b': {} } } },
  ]);
});

test('without an entry of ours the first match is renamed', () => {
  const renamed = { ...kubectl, manager: 'kustomize-controller', operation: 'Apply' };

  expect(takeOverFields(object(kubectl, other), rules, 'kustomize-controller')).toEqual([other, renamed]);
});

test('nothing is changed without a match, and entries of subresources are left alone', () => {
  const scale = { ...kubectl, subresource: 'scale' };

  expect(takeOverFields(object(own, other, scale), rules, 'kustomize-controller')).toBeUndefined();
});

test('a member that has members below it is marked', () => {
  expect(unionFields({ 'f:a': {} }, { 'f:a': { 'f:b': {} } })).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
});
