import { getMember } from '../deep.ts';
import { normalizeTyped } from '../normalize.ts';
import {
  formatApiVersion,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type ManagedFieldsEntry,
  parseApiVersion,
} from '../object.ts';
import type { Schema } from '../schema.ts';
import { newBadRequest, newUnknownError } from '../statuses.ts';
import { atomOf, deducedAtom } from './atom.ts';
import type { ApplyConflict } from './conflict.ts';
import { type FieldPath, FieldSet } from './field-set.ts';
import { allowedByLastApplied, syncLastApplied } from './last-applied.ts';
import { capUpdateManagers, decodeManaged, emptyManaged, encodeManaged, type Managed, managerId } from './managed.ts';
import { fieldElement } from './path-element.ts';
import { formatTypedErrors } from './typed.ts';
import { MergeProblem } from './typed-merge.ts';
import { validateTyped } from './typed-validate.ts';
import { ConflictsError, type TypedValue, Updater } from './updater.ts';

export interface FieldManagerOptions {
  /** The stored object at the request's version; absent when the request creates it. */
  readonly live?: KubeObject | undefined;
  /** Name of the field manager; empty counts as `unknown`. */
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** Absent for kinds without a schema: every list is atomic, every map merges. */
  readonly schema?: Schema | undefined;
  /** Time of the request, RFC 3339 in seconds. */
  readonly now: string;
  /** Paths that this endpoint resets and nobody may own, such as `[['status']]` on a resource with a status subresource. */
  readonly resetFields?: readonly (readonly string[])[] | undefined;
  /**
   * The object at another version that it is served in, with that version's schema; undefined when there is none, which
   * drops the managers of that version. By default every version of the group has the same fields.
   */
  readonly convert?: (object: KubeObject, apiVersion: string) => ConvertedObject | undefined;
}

export interface ConvertedObject {
  readonly object: KubeObject;
  readonly schema?: Schema | undefined;
}

export interface ApplyOptions extends FieldManagerOptions {
  /** The object as the client sent it. */
  readonly applied: KubeObject;
  readonly force?: boolean | undefined;
}

export interface ApplyResult {
  /** The merged object with its managedFields, before defaulting and before Go's types write it; see `normalizeTyped`. */
  readonly object: KubeObject;
  readonly managedFields: ManagedFieldsEntry[] | undefined;
  /** Not empty: nothing was merged and `object` is the live one; `newConflictsStatus` makes the answer. */
  readonly conflicts: readonly ApplyConflict[];
  /** False when the merge left every field as it was; managers may still have changed (KUBE-SSA-13). */
  readonly changed: boolean;
}

/** Metadata that no manager owns. */
const stripped = FieldSet.of(
  ...['apiVersion', 'kind', 'metadata'].map((name) => [fieldElement(name)]),
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [fieldElement('metadata'), fieldElement(name)]),
);

/**
 * Server-side apply (KUBE-SSA-01 … 13). Throws a StatusError when the applied object does not fit its schema (500, as the
 * server answers it) or carries managedFields (400).
 */
export function applyServerSide(options: ApplyOptions): ApplyResult {
  const session = new Session(options, options.applied.apiVersion, options.applied.kind);
  if (getMember(options.applied.metadata as unknown as JsonObject, 'managedFields') != null) {
    throw newBadRequest('metadata.managedFields must be nil');
  }
  const managed = decodeForApply(options.live);
  const force = options.force ?? false;
  try {
    return session.apply(managed, options.applied, force);
  } catch (error) {
    if (!(error instanceof ConflictsError)) throw error;
    return applyDespiteLastApplied(session, options, error);
  }
}

/** Conflicts with what kubectl's client-side apply left behind do not count for the manager `kubectl`. */
function applyDespiteLastApplied(session: Session, options: ApplyOptions, error: ConflictsError): ApplyResult {
  const { live, applied, schema } = options;
  let { conflicts } = error;
  if (options.manager === 'kubectl' && live !== undefined) {
    const allowed = allowedByLastApplied(live, applied.apiVersion, schema === undefined ? deducedAtom : atomOf(schema));
    if (allowed !== undefined) {
      conflicts = conflicts.filter(({ path }) => !allowed.has(path));
      if (conflicts.length === 0) return session.apply(decodeForApply(live), applied, true);
    }
  }
  const object = live ?? applied;
  return { object, managedFields: object.metadata.managedFields, conflicts, changed: false };
}

function decodeForApply(live: KubeObject | undefined): Managed {
  try {
    return decodeManaged(live?.metadata.managedFields);
  } catch (error) {
    throw newUnknownError(`failed to decode managed fields: ${(error as Error).message}`);
  }
}

export interface UpdateOptions extends FieldManagerOptions {
  /** The object that is about to be stored; its managedFields are what the client sent. */
  readonly updated: KubeObject;
}

/** managedFields after a create, update or patch; undefined when there are none. Never throws: garbage is dropped. */
export function trackUpdate(options: UpdateOptions): ManagedFieldsEntry[] | undefined {
  const { live, updated, subresource } = options;
  const managed = liveOrNew(live, updated, subresource !== undefined && subresource !== '');
  // An object whose managers were never tracked stays untracked until the first apply (KUBE-SSA-03).
  if (managed.owners.size === 0 && live?.metadata.uid) return undefined;
  try {
    return encodeManaged(new Session(options, updated.apiVersion, updated.kind).update(managed, live, updated));
  } catch {
    return undefined;
  }
}

function liveOrNew(live: KubeObject | undefined, updated: KubeObject, ignoreNew: boolean): Managed {
  const sent: unknown = updated.metadata.managedFields;
  if (ignoreNew) return decodeOrEmpty(live?.metadata.managedFields);
  if (isReset(sent)) return emptyManaged();
  try {
    const managed = decodeManaged(sent);
    return managed.owners.size > 0 ? managed : decodeOrEmpty(live?.metadata.managedFields);
  } catch {
    return decodeOrEmpty(live?.metadata.managedFields);
  }
}

function decodeOrEmpty(entries: unknown): Managed {
  try {
    return decodeManaged(entries);
  } catch {
    return emptyManaged();
  }
}

/** `[]` and `[{}]` ask for managedFields to be cleared (KUBE-SSA-04). */
function isReset(entries: unknown): boolean {
  if (!Array.isArray(entries) || entries.length > 1) return false;
  return entries.length === 0 || Object.keys((entries[0] ?? {}) as object).length === 0;
}

/** One request's view: its version, schema and updater. */
class Session {
  readonly #options: FieldManagerOptions;
  readonly #apiVersion: string;
  readonly #kind: string;
  readonly #updater: Updater;

  constructor(options: FieldManagerOptions, apiVersion: string, kind: string) {
    this.#options = options;
    this.#apiVersion = apiVersion;
    this.#kind = kind;
    const reset = (options.resetFields ?? []).map((path): FieldPath => path.map(fieldElement));
    this.#updater = new Updater({
      ignored: FieldSet.of(...reset),
      convert: (value, version) => this.#convert(value, version),
    });
  }

  apply(managed: Managed, applied: KubeObject, force: boolean): ApplyResult {
    const { live, manager, now } = this.#options;
    const before = managed.owners.size > 0 ? managed : this.#beforeFirstApply(live);
    const patch = this.#typed(applied, 'failed to create typed patch object', false);
    const current = this.#typed(this.#liveObject(live), 'failed to create typed live object', true);
    const id = this.#id(manager, 'Apply');
    const { merged, owners } = this.#merge(current, patch, before, id, force);
    strip(owners, id);
    const times = new Map(before.times);
    if (merged !== undefined) times.set(id, now);
    const managedFields = encodeManaged({ owners, times });
    const base = merged === undefined ? current.value : merged;
    const object = withManagedFields(base as unknown as KubeObject, managedFields);
    const synced = manager === 'kubectl' ? syncLastApplied(object, applied) : object;
    return { object: synced, managedFields, conflicts: [], changed: merged !== undefined };
  }

  #merge(current: TypedValue, patch: TypedValue, before: Managed, id: string, force: boolean) {
    try {
      return this.#updater.apply(current, patch, before.owners, id, force);
    } catch (error) {
      if (error instanceof MergeProblem) throw newUnknownError(`failed to merge config: ${error.message}`);
      throw error;
    }
  }

  /** What an object without managers holds belongs to `before-first-apply` (KUBE-SSA-03). */
  #beforeFirstApply(live: KubeObject | undefined): Managed {
    if (live === undefined) return emptyManaged();
    return this.#track(emptyManaged(), undefined, live, 'before-first-apply');
  }

  update(managed: Managed, live: KubeObject | undefined, updated: KubeObject): Managed {
    return this.#track(managed, live, updated, this.#options.manager);
  }

  #track(managed: Managed, live: KubeObject | undefined, updated: KubeObject, manager: string): Managed {
    const before = this.#typed(this.#liveObject(live), 'failed to convert live object', true);
    const after = this.#typed(updated, 'failed to convert new object', true);
    const current = 'current-operation';
    const owners = this.#updater.update(before, after, managed.owners, current);
    strip(owners, current);
    const times = new Map(managed.times);
    const own = owners.get(current);
    if (own !== undefined) {
      owners.delete(current);
      const id = this.#id(manager, 'Update');
      const previous = owners.get(id);
      owners.set(id, previous === undefined ? own : { ...own, set: own.set.union(previous.set) });
      times.set(id, this.#options.now);
    }
    const result = { owners, times };
    capUpdateManagers(result);
    return result;
  }

  #id(manager: string, operation: 'Apply' | 'Update'): string {
    const { subresource } = this.#options;
    return managerId({
      manager: manager === '' ? 'unknown' : manager,
      operation,
      apiVersion: this.#apiVersion,
      ...(subresource && { subresource }),
    });
  }

  /** The object that a create starts from: what Go writes for an empty one. */
  #liveObject(live: KubeObject | undefined): KubeObject {
    if (live !== undefined) return live;
    const empty: JsonObject = { apiVersion: this.#apiVersion, kind: this.#kind };
    const { schema } = this.#options;
    return (schema === undefined ? empty : normalizeTyped(empty, schema)) as unknown as KubeObject;
  }

  #typed(object: KubeObject, problem: string, allowDuplicates: boolean): TypedValue {
    return typedObject(object, this.#options.schema, problem, allowDuplicates);
  }

  #convert(value: TypedValue, apiVersion: string): TypedValue | undefined {
    if (value.apiVersion === apiVersion) return value;
    const object = value.value as unknown as KubeObject;
    const { convert } = this.#options;
    if (convert !== undefined) {
      const converted = convert(object, apiVersion);
      return converted && typedObject(converted.object, converted.schema, 'failed to convert object', true);
    }
    if (parseApiVersion(apiVersion).group !== parseApiVersion(value.apiVersion).group) return undefined;
    return { ...value, value: { ...(value.value as JsonObject), apiVersion }, apiVersion };
  }
}

function typedObject(
  object: KubeObject,
  schema: Schema | undefined,
  problem: string,
  allowDuplicates: boolean,
): TypedValue {
  const atom = schema === undefined ? deducedAtom : atomOf(schema);
  const value = withoutManagedFields(object);
  const errors = validateTyped(value, atom, allowDuplicates);
  if (errors.length > 0) {
    throw newUnknownError(`${problem} (${describe(object)}): ${formatTypedErrors(errors)}`);
  }
  return { value, atom, apiVersion: object.apiVersion };
}

/** `default/a; apps/v1, Kind=Deployment`. */
function describe({ apiVersion, kind, metadata }: KubeObject): string {
  const { group, version } = parseApiVersion(apiVersion);
  const gv = group === '' ? `/${version}` : formatApiVersion(group, version);
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${gv}, Kind=${kind}`;
}

function withoutManagedFields(object: KubeObject): JsonValue {
  const { metadata } = object as unknown as { metadata?: JsonObject };
  if (metadata === undefined || metadata === null || !Object.hasOwn(metadata, 'managedFields')) {
    return object as unknown as JsonValue;
  }
  const { managedFields: _, ...rest } = metadata;
  return { ...(object as unknown as JsonObject), metadata: rest };
}

function withManagedFields(object: KubeObject, managedFields: ManagedFieldsEntry[] | undefined): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata ?? {};
  return {
    ...object,
    metadata: { ...metadata, ...(managedFields && { managedFields }) } as KubeObject['metadata'],
  };
}

function strip(owners: Managed['owners'], id: string): void {
  const owner = owners.get(id);
  if (owner === undefined) return;
  const set = owner.set.difference(stripped);
  if (set.isEmpty) owners.delete(id);
  else owners.set(id, { ...owner, set });
}
