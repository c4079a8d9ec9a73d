import { FluxError } from '@flux/errors';
import type { ManagedFieldsEntry } from '../object.ts';
import { FieldSet } from './field-set.ts';

/** The fields of one manager, recorded at one version of the kind. */
export interface Ownership {
  readonly set: FieldSet;
  readonly apiVersion: string;
  readonly applied: boolean;
}

/**
 * managedFields while they are worked on. The key is the manager's identity: the entry without fields and time, for Apply
 * also without the version, so that a manager has one Apply entry whatever version it applies.
 */
export interface Managed {
  readonly owners: Map<string, Ownership>;
  readonly times: Map<string, string>;
}

/** managedFields that do not decode; the server then ignores or resets them (KUBE-SSA-04). */
class ManagedFieldsError extends FluxError {
  override readonly code = 'MANAGED_FIELDS';
}

interface ManagerIdentity {
  manager?: string;
  operation?: 'Apply' | 'Update';
  apiVersion?: string;
  subresource?: string;
}

export function managerId({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  return JSON.stringify({
    ...(manager && { manager }),
    ...(operation && { operation }),
    ...(apiVersion && operation !== 'Apply' && { apiVersion }),
    ...(subresource && { subresource }),
  });
}

export function parseManagerId(id: string): ManagerIdentity {
  return JSON.parse(id) as ManagerIdentity;
}

export function emptyManaged(): Managed {
  return { owners: new Map(), times: new Map() };
}

export function decodeManaged(entries: unknown): Managed {
  const managed = emptyManaged();
  if (!Array.isArray(entries)) return managed;
  entries.forEach((entry: ManagedFieldsEntry, index) => {
    checkEntry(entry, index);
    const id = managerId(entry);
    const { apiVersion = '', operation, time } = entry;
    const set = FieldSet.fromFieldsV1(entry.fieldsV1 ?? {});
    managed.owners.set(id, { set, apiVersion, applied: operation === 'Apply' });
    if (time) managed.times.set(id, time);
  });
  return managed;
}

function checkEntry(entry: ManagedFieldsEntry, index: number): void {
  if (typeof entry !== 'object' || entry === null) throw new ManagedFieldsError('a managed fields entry is no object');
  const { operation, apiVersion, fieldsType } = entry;
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new ManagedFieldsError('operation must be `Apply` or `Update`');
  }
  if (!apiVersion) throw new ManagedFieldsError('apiVersion must not be empty');
  if (!fieldsType) throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== 'FieldsV1') {
    throw new ManagedFieldsError(`invalid fieldsType "${fieldsType}" in managed fields entry ${index}`);
  }
}

/** The entries in the server's order (KUBE-SSA-01); undefined when nobody owns anything. */
export function encodeManaged({ owners, times }: Managed): ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined;
  const entries = [...owners].map(([id, { set, apiVersion, applied }]) => {
    const { manager, operation, subresource } = parseManagerId(id);
    const time = times.get(id);
    return {
      ...(manager && { manager }),
      operation: applied ? ('Apply' as const) : operation,
      apiVersion,
      ...(time && { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: set.toFieldsV1(),
      ...(subresource && { subresource }),
    } as ManagedFieldsEntry;
  });
  return entries.sort(compareEntries);
}

function compareEntries(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    seconds(a.time) - seconds(b.time) ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The time of an entry in whole seconds; entries without one come first. */
function seconds(time: string | undefined): number {
  const milliseconds = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

const maxUpdateManagers = 10;

/** Folds the oldest Update managers into `ancient-changes`, one entry a version, until ten are left (KUBE-SSA-10). */
export function capUpdateManagers({ owners, times }: Managed): void {
  const updaters = [...owners]
    .filter(([, owner]) => !owner.applied)
    .map(([id]) => id)
    .sort((a, b) => seconds(times.get(a)) - seconds(times.get(b)) || compareText(a, b));
  const firsts = new Map<string, string>();
  let count = updaters.length;
  for (const id of updaters) {
    if (count <= maxUpdateManagers) return;
    const owner = owners.get(id)!;
    const first = firsts.get(owner.apiVersion);
    if (first === undefined) {
      firsts.set(owner.apiVersion, id);
      continue;
    }
    const { apiVersion } = owner;
    const bucket = managerId({ manager: 'ancient-changes', operation: 'Update', apiVersion });
    if (!owners.has(bucket)) {
      owners.set(bucket, owners.get(first)!);
      owners.delete(first);
    }
    owners.delete(id);
    owners.set(bucket, { ...owner, set: owner.set.union(owners.get(bucket)!.set) });
    const time = times.get(id);
    if (time === undefined) times.delete(bucket);
    else times.set(bucket, time);
    count--;
  }
}
