import { expect, test } from 'vitest';
import type { ManagedFieldsEntry } from '../object.ts';
import { parentManagedFields, scaleManagedFields } from './scale.ts';

const paths = { 'apps/v1': ['spec', 'replicas'] };

function entry(manager: string, fields: string[], more: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry {
  return {
    manager,
    operation: 'Apply',
    apiVersion: 'apps/v1',
    time: '2020-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': Object.fromEntries(fields.map((field) => [`f:${field}`, {}])) },
    ...more,
  };
}

test('a Scale shows the owners of the replicas at its own version', () => {
  const parent = [
    entry('app', ['replicas', 'selector']),
    entry('other', ['selector']),
    entry('old', ['replicas'], { apiVersion: 'x/v1' }),
  ];

  expect(scaleManagedFields(parent, paths)).toEqual([entry('app', ['replicas'], { apiVersion: 'autoscaling/v1' })]);
});

test('an update of the Scale moves the replicas to an entry of its subresource without time (KUBE-SSA-12)', () => {
  const parent = [entry('app', ['replicas', 'selector'])];
  const scale = [
    entry('scaler', ['replicas'], { operation: 'Update', apiVersion: 'autoscaling/v1', subresource: 'scale' }),
  ];
  const { time: _, ...moved } = entry('scaler', ['replicas'], { operation: 'Update', subresource: 'scale' });

  expect(parentManagedFields(parent, scale, 'apps/v1', paths)).toEqual([entry('app', ['selector']), moved]);
});

test('an owner that the Scale still names keeps everything', () => {
  const parent = [entry('app', ['replicas', 'selector'])];

  expect(parentManagedFields(parent, scaleManagedFields(parent, paths), 'apps/v1', paths)).toEqual(parent);
});
