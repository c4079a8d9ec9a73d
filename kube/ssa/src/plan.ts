import {
  isNotFound,
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectRef,
  refOf,
} from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { payloadDigest } from './apply-memory.ts';
import type { ApplyOptions } from './apply-options.ts';
import { type Change, type ChangeAction, changeOf, settledChange } from './change-set.ts';
import { hasDrifted } from './drift.ts';
import { dryRunError, isImmutableError, objectError } from './errors.ts';
import { migrateFieldsVersion, takeOverFields } from './field-managers.ts';
import { type CompiledIgnoreRules, withoutIgnoredFields, withSettledIgnoredFields } from './ignore-rules.ts';
import { matchesMetadata } from './metadata-match.ts';
import { waitUntilGone } from './object-watch.ts';

/** What is to be done with one object, found out before anything of its stage is applied. */
export interface Plan {
  change: Change;
  /** Sent in the second phase; absent for objects that stay as they are. */
  payload?: KubeObject;
  digest: string;
  /** The live object, where it was read and stays as it is. */
  live?: KubeObject;
  /** No dry run has shown that the server takes it. */
  isUnchecked?: boolean;
}

export interface PlanContext {
  cluster: Cluster;
  options: ApplyOptions;
  ignoreRules: CompiledIgnoreRules;
}

type JsonPatch = { op: 'remove' | 'replace'; path: string; value?: unknown }[];

/**
 * The first phase for one object (KUS-APPLY-07): skip rules, dry run, cleanup of metadata, drift. The object that is applied
 * before all others of its stage needs no dry run if it does not exist: when its apply fails, nothing has been applied.
 */
export async function planObject(
  context: PlanContext,
  desired: KubeObject,
  options: { isFirst?: boolean } = {},
): Promise<Plan> {
  const planner = new Planner(context, desired);
  return options.isFirst && !context.options.memory?.knows(refOf(desired)) ? planner.planFirst() : planner.plan();
}

class Planner {
  readonly #context: PlanContext;
  readonly #desired: KubeObject;
  readonly #ref: ObjectRef;
  readonly #digest: string;

  constructor(context: PlanContext, desired: KubeObject) {
    this.#context = context;
    this.#desired = desired;
    this.#ref = refOf(desired);
    const { memory, ignore } = context.options;
    this.#digest = memory ? payloadDigest(desired, ignore ?? []) : '';
  }

  async planFirst(): Promise<Plan> {
    const { cluster, options } = this.#context;
    if (matchesMetadata(this.#desired, options.exclusions ?? {})) return this.plan();
    let live: KubeObject | undefined;
    try {
      live = await cluster.find(this.#ref);
    } catch {
      return this.plan(); // the dry run says what is wrong
    }
    if (live) return this.plan(live);
    const plan = this.#write(this.#desired, 'created', this.#desired);
    return { ...plan, change: { ...plan.change, ref: await this.#servedRef() }, isUnchecked: true };
  }

  /** What the server will call the object: a kind of the whole cluster has no namespace, whatever the manifest says. */
  async #servedRef(): Promise<ObjectRef> {
    const { namespaced } = await this.#context.cluster.mapping(this.#ref);
    const { namespace: _, ...clusterWide } = this.#ref;
    return namespaced ? this.#ref : clusterWide;
  }

  /**
   * The dry run goes first: it tells whether the object exists, so a new object needs no read. When it fails, the live
   * object decides whether the object would have been skipped or has to be recreated.
   */
  async plan(found?: KubeObject): Promise<Plan> {
    const { exclusions = {}, migratesApiVersion } = this.#context.options;
    if (matchesMetadata(this.#desired, exclusions)) return this.#skip(await this.#readOrNothing());
    const known = found ?? (await this.#readEarly());
    if (known && this.#isSkipped(known)) return this.#skip(known);
    const migrated = migratesApiVersion && known ? await this.#migrate(known) : undefined;
    const outcome = await this.#dryRunOrSkip();
    if ('plan' in outcome) return outcome.plan;
    return this.#compare(outcome.result, migrated ?? known, migrated !== undefined);
  }

  async #compare(result: KubeObject, early: KubeObject | undefined, isMigrated: boolean): Promise<Plan> {
    if (!result.metadata.resourceVersion) return this.#write(result, 'created', this.#desired);
    const { memory } = this.#context.options;
    if (!isMigrated && memory?.isVerified(result, this.#digest)) return this.#keep(result, result);
    const isNewest = early?.metadata.resourceVersion === result.metadata.resourceVersion;
    const live = isNewest ? early : await this.#readOrNothing();
    if (!live) return this.#write(result, 'created', this.#desired);
    if (this.#isSkipped(live)) return this.#skip(live);
    const cleaned = await this.#cleanUp(live);
    const isPatched = isMigrated || cleaned !== undefined;
    const settled = cleaned ?? live;
    if (!isPatched && !this.#hasDrifted(settled, result)) return this.#keep(result, settled);
    const { ignoreRules: rules, options } = this.#context;
    const payload = withSettledIgnoredFields(this.#desired, settled, result, { rules, owner: options.owner.field });
    return this.#write(result, 'configured', payload);
  }

  #hasDrifted(live: KubeObject, result: KubeObject): boolean {
    const { ignoreRules } = this.#context;
    const strip = (object: KubeObject) => withoutIgnoredFields(object, result, ignoreRules);
    return hasDrifted(strip(live), strip(result));
  }

  #write(result: KubeObject, action: ChangeAction, payload: KubeObject): Plan {
    return { change: changeOf(result, action), payload, digest: this.#digest };
  }

  #keep(result: KubeObject, live: KubeObject): Plan {
    this.#context.options.memory?.remember(live, this.#digest);
    return { change: settledChange(changeOf(result, 'unchanged'), live), digest: this.#digest, live };
  }

  #skip(live: KubeObject | undefined): Plan {
    const change = changeOf(live ?? this.#desired, 'skipped');
    return { change, digest: this.#digest, ...(live ? { live } : {}) };
  }

  #isSkipped(live: KubeObject): boolean {
    const { exclusions = {}, ifNotPresent = {} } = this.#context.options;
    return matchesMetadata(live, exclusions) || matchesMetadata(this.#desired, ifNotPresent);
  }

  /** Reads before the dry run only where its outcome depends on it, or a cache answers. */
  async #readEarly(): Promise<KubeObject | undefined> {
    const { read, ifNotPresent = {}, migratesApiVersion } = this.#context.options;
    if (read) return read(this.#ref);
    const isNeeded = migratesApiVersion || matchesMetadata(this.#desired, ifNotPresent);
    return isNeeded ? this.#readOrNothing() : undefined;
  }

  /** A failed read counts as nothing: the dry run says what is wrong. */
  async #readOrNothing(): Promise<KubeObject | undefined> {
    return this.#context.cluster.find(this.#ref).catch(() => undefined);
  }

  #dryRun(): Promise<KubeObject> {
    const { cluster, options } = this.#context;
    return cluster.apply(this.#desired, { fieldManager: options.owner.field, force: true, dryRun: true });
  }

  async #dryRunOrSkip(): Promise<{ result: KubeObject } | { plan: Plan }> {
    try {
      return { result: await this.#dryRun() };
    } catch (error) {
      const live = isNotFound(error) ? undefined : await this.#readOrNothing();
      if (live && this.#isSkipped(live)) return { plan: this.#skip(live) };
      if (!live || !this.#isForced(live, error)) throw dryRunError(this.#desired, error);
      await this.#remove(live);
    }
    try {
      return { result: await this.#dryRun() };
    } catch (error) {
      throw dryRunError(this.#desired, error);
    }
  }

  #isForced(live: KubeObject, error: unknown): boolean {
    if (!isImmutableError(error)) return false;
    const { force, forceSelector = {} } = this.#context.options;
    return force || matchesMetadata(this.#desired, forceSelector) || matchesMetadata(live, forceSelector);
  }

  /** KUS-APPLY-10: there is no bound on the wait but the end of the process. */
  async #remove(live: KubeObject): Promise<void> {
    const { cluster, options } = this.#context;
    try {
      await cluster.delete(refOf(live), { propagationPolicy: 'Background' });
    } catch (error) {
      if (!isNotFound(error)) {
        throw objectError(this.#desired, 'immutable field detected, failed to delete object', error);
      }
    }
    try {
      const signal = options.signal ?? new AbortController().signal;
      await waitUntilGone(options.watch, refOf(live), signal, live.metadata.uid);
    } catch (error) {
      throw objectError(this.#desired, 'immutable field detected, failed to wait for object to be deleted', error);
    }
  }

  async #migrate(live: KubeObject): Promise<KubeObject | undefined> {
    const entries = migrateFieldsVersion(live, this.#desired.apiVersion);
    if (!entries) return undefined;
    try {
      return await this.#patch(live, [replaceManagedFields(entries)]);
    } catch (error) {
      const what = `failed to migrate API version: failed to migrate managed fields API version to ${this.#desired.apiVersion}`;
      throw objectError(live, what, error);
    }
  }

  /** KUS-APPLY-12: the live object afterwards, or undefined when there was nothing to clean. */
  async #cleanUp(live: KubeObject): Promise<KubeObject | undefined> {
    const { cleanup, owner } = this.#context.options;
    if (!cleanup) return undefined;
    const { exclusions = {}, annotations = [], labels = [], managers = [] } = cleanup;
    if (matchesMetadata(this.#desired, exclusions) || matchesMetadata(live, exclusions)) return undefined;
    const entries = takeOverFields(live, managers, owner.field);
    const patch: JsonPatch = [
      ...removals('annotations', live.metadata.annotations, annotations),
      ...removals('labels', live.metadata.labels, labels),
      ...(entries ? [replaceManagedFields(entries)] : []),
    ];
    if (patch.length === 0) return undefined;
    try {
      return await this.#patch(live, patch);
    } catch (error) {
      throw objectError(live, 'metadata.managedFields cleanup failed', error);
    }
  }

  #patch(live: KubeObject, patch: JsonPatch): Promise<KubeObject> {
    const { cluster, options } = this.#context;
    return cluster.patch(refOf(live), 'json', patch, { fieldManager: options.owner.field });
  }
}

function removals(
  field: 'annotations' | 'labels',
  present: Record<string, string> | undefined,
  keys: readonly string[],
): JsonPatch {
  return keys
    .filter((key) => present && Object.hasOwn(present, key))
    .map((key) => ({ op: 'remove', path: `/metadata/${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` }));
}

function replaceManagedFields(entries: readonly ManagedFieldsEntry[]): JsonPatch[number] {
  return { op: 'replace', path: '/metadata/managedFields', value: entries as unknown as JsonObject[] };
}
