import type { ManagedFieldsEntry } from '../object.ts';
import { type FieldPath, FieldSet } from './field-set.ts';
import { decodeManaged, encodeManaged, type Ownership } from './managed.ts';
import { fieldElement } from './path-element.ts';

const scaleVersion = 'autoscaling/v1';
const replicasInScale: FieldPath = [fieldElement('spec'), fieldElement('replicas')];

/** Where each served version of the scaled kind keeps its replicas: `{ 'apps/v1': ['spec', 'replicas'] }`. */
export type ReplicasPaths = Readonly<Record<string, readonly string[]>>;

function pathAt(paths: ReplicasPaths, apiVersion: string): FieldPath | undefined {
  return Object.hasOwn(paths, apiVersion) ? paths[apiVersion]?.map(fieldElement) : undefined;
}

/** managedFields of a Scale: the owners of the replicas of the object it scales. */
export function scaleManagedFields(
  parent: readonly ManagedFieldsEntry[] | undefined,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const { owners, times } = decodeManaged(parent);
  const scaled = new Map<string, Ownership>();
  for (const [id, { set, apiVersion, applied }] of owners) {
    const path = pathAt(paths, apiVersion);
    if (path !== undefined && set.has(path)) {
      scaled.set(id, { set: FieldSet.of(replicasInScale), apiVersion: scaleVersion, applied });
    }
  }
  return encodeManaged({ owners: scaled, times });
}

/** managedFields of the scaled object after an update of its Scale; new owners of the replicas have no time (KUBE-SSA-12). */
export function parentManagedFields(
  parent: readonly ManagedFieldsEntry[] | undefined,
  scale: readonly ManagedFieldsEntry[] | undefined,
  apiVersion: string,
  paths: ReplicasPaths,
): ManagedFieldsEntry[] | undefined {
  const { owners, times } = decodeManaged(parent);
  const scaled = decodeManaged(scale).owners;
  const result = new Map<string, Ownership>();
  for (const [id, owner] of owners) {
    const path = pathAt(paths, owner.apiVersion);
    if (path === undefined) continue;
    if (!owner.set.has(path) || scaled.delete(id)) {
      result.set(id, owner);
      continue;
    }
    const rest = owner.set.difference(FieldSet.of(path));
    if (!rest.isEmpty) result.set(id, { ...owner, set: rest });
  }
  const path = pathAt(paths, apiVersion);
  for (const [id, { set, applied }] of scaled) {
    if (path !== undefined && set.has(replicasInScale)) result.set(id, { set: FieldSet.of(path), apiVersion, applied });
  }
  return encodeManaged({ owners: result, times });
}
