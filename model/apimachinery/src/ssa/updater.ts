import { deepEqual } from '../deep.ts';
import type { JsonValue } from '../object.ts';
import type { Atom } from './atom.ts';
import { type ApplyConflict, listConflicts } from './conflict.ts';
import { FieldSet } from './field-set.ts';
import type { Ownership } from './managed.ts';
import { reconcileSet } from './reconcile-set.ts';
import type { Value } from './typed.ts';
import { type Comparison, compareTyped } from './typed-compare.ts';
import { mergeTyped } from './typed-merge.ts';
import { removeItems } from './typed-remove.ts';
import { typedSet } from './typed-set.ts';

/** A value at one version of its kind. */
export interface TypedValue {
  readonly value: Value;
  readonly atom: Atom;
  readonly apiVersion: string;
}

interface UpdaterOptions {
  /** The value at another version; undefined when that version is not served, which drops its managers. */
  convert(value: TypedValue, apiVersion: string): TypedValue | undefined;
  /** What the request resets, so that nobody owns it: `status` on the main resource of a kind with a status subresource. */
  readonly ignored: FieldSet;
}

/** Thrown by an apply without force. */
export class ConflictsError extends Error {
  readonly conflicts: readonly ApplyConflict[];

  constructor(conflicts: readonly ApplyConflict[]) {
    super(`${conflicts.length} conflicts`);
    this.conflicts = conflicts;
  }
}

type Owners = Map<string, Ownership>;

/** Merges and assigns fields to managers, after merge/update.go of structured-merge-diff v6. */
export class Updater {
  readonly #options: UpdaterOptions;

  constructor(options: UpdaterOptions) {
    this.#options = options;
  }

  /** Who owns what after `manager` made `live` into `updated`. */
  update(live: TypedValue, updated: TypedValue, owners: Owners, manager: string): Owners {
    const next = this.#reconcile(live, owners);
    const comparison = this.#assign(live, updated, next, manager, true);
    const previous = next.get(manager)?.set ?? new FieldSet();
    const { added, modified, removed } = comparison;
    const set = this.#filter(previous.difference(removed).union(modified).union(added));
    if (set.isEmpty) next.delete(manager);
    else next.set(manager, { set, apiVersion: updated.apiVersion, applied: false });
    return next;
  }

  /** The merged value, undefined when nothing changed, and who owns what. */
  apply(
    live: TypedValue,
    applied: TypedValue,
    owners: Owners,
    manager: string,
    force: boolean,
  ): { merged: JsonValue | undefined; owners: Owners } {
    const next = this.#reconcile(live, owners);
    const { apiVersion, atom } = applied;
    const last = next.get(manager);
    const set = this.#filter(typedSet(applied.value, atom));
    next.set(manager, { set, apiVersion, applied: true });
    let merged: TypedValue = { value: mergeTyped(live.value, applied.value, atom), atom, apiVersion };
    // Without a field that it applied last time and not now there is nothing that a prune could find.
    const gone = last?.apiVersion === apiVersion ? last.set.difference(set) : last?.set;
    if (last !== undefined && gone !== undefined && !gone.isEmpty) merged = this.#prune(merged, next, last);
    this.#assign(live, merged, next, manager, force);
    const value = merged.value ?? null;
    return { merged: deepEqual(live.value ?? null, value) ? undefined : value, owners: next };
  }

  #filter(set: FieldSet): FieldSet {
    return set.recursiveDifference(this.#options.ignored);
  }

  /** Takes what changed from its owners; throws ConflictsError for changed fields of others unless forced. */
  #assign(live: TypedValue, updated: TypedValue, owners: Owners, manager: string, force: boolean): Comparison {
    const comparison = this.#compare(live, updated);
    const byVersion = new Map<string, Comparison>([[updated.apiVersion, comparison]]);
    const conflicting: Owners = new Map();
    const removed = new Map<string, FieldSet>();
    for (const [id, owner] of [...owners]) {
      if (id === manager) continue;
      const change = this.#comparisonAt(owner.apiVersion, live, updated, byVersion);
      if (change === undefined) {
        owners.delete(id);
        continue;
      }
      const lost = owner.set.intersection(change.modified.union(change.added));
      if (!lost.isEmpty) conflicting.set(id, { ...owner, set: lost });
      if (!change.removed.isEmpty) removed.set(id, change.removed);
    }
    if (!force && conflicting.size > 0) throw new ConflictsError(listConflicts(conflicting));
    for (const [id, { set }] of conflicting) takeFrom(owners, id, set);
    for (const [id, set] of removed) takeFrom(owners, id, set);
    for (const [id, { set }] of [...owners]) if (set.isEmpty) owners.delete(id);
    return comparison;
  }

  #comparisonAt(
    apiVersion: string,
    live: TypedValue,
    updated: TypedValue,
    byVersion: Map<string, Comparison>,
  ): Comparison | undefined {
    const known = byVersion.get(apiVersion);
    if (known !== undefined) return known;
    const before = this.#options.convert(live, apiVersion);
    const after = this.#options.convert(updated, apiVersion);
    if (before === undefined || after === undefined) return undefined;
    const comparison = this.#compare(before, after);
    byVersion.set(apiVersion, comparison);
    return comparison;
  }

  #compare(before: TypedValue, after: TypedValue): Comparison {
    const { added, modified, removed } = compareTyped(before.value, after.value, after.atom);
    return { added: this.#filter(added), modified: this.#filter(modified), removed: this.#filter(removed) };
  }

  #reconcile(live: TypedValue, owners: Owners): Owners {
    const result: Owners = new Map();
    for (const [id, owner] of owners) {
      const converted = this.#options.convert(live, owner.apiVersion);
      if (converted !== undefined) result.set(id, { ...owner, set: reconcileSet(owner.set, converted.atom) });
    }
    return result;
  }

  /** Removes what the manager applied last time, not this time, and nobody else owns. */
  #prune(merged: TypedValue, owners: Owners, last: Ownership): TypedValue {
    const converted = this.#options.convert(merged, last.apiVersion);
    if (converted === undefined) return merged;
    const { atom } = converted;
    let pruned: TypedValue = {
      ...converted,
      value: removeItems(converted.value, last.set.withNamedFields(atom), atom),
    };
    pruned = this.#addBackOwned(converted, pruned, last.apiVersion, owners);
    pruned = this.#addBackDangling(converted, pruned, last);
    return this.#options.convert(pruned, merged.apiVersion) ?? merged;
  }

  #addBackOwned(merged: TypedValue, pruned: TypedValue, first: string, owners: Owners): TypedValue {
    const owned = new Map<string, FieldSet>();
    for (const { set, apiVersion } of owners.values()) {
      owned.set(apiVersion, (owned.get(apiVersion) ?? new FieldSet()).union(set));
    }
    // The version of the prune comes first: conversion may need fields that the prune took.
    const versions = [...owned.keys()].sort((a, b) => Number(b === first) - Number(a === first));
    let [whole, rest] = [merged, pruned];
    for (const version of versions) {
      const wholeThere = this.#options.convert(whole, version);
      const restThere = this.#options.convert(rest, version);
      if (wholeThere === undefined || restThere === undefined) continue;
      [whole, rest] = [wholeThere, addBack(wholeThere, restThere, owned.get(version)!)];
    }
    return rest;
  }

  #addBackDangling(merged: TypedValue, pruned: TypedValue, last: Ownership): TypedValue {
    const converted = this.#options.convert(pruned, last.apiVersion);
    if (converted === undefined) return merged;
    const { atom } = merged;
    const kept = typedSet(converted.value, converted.atom).withNamedFields(atom);
    const all = typedSet(merged.value, atom).withNamedFields(atom);
    const lost = all.difference(kept).intersection(last.set.withNamedFields(atom));
    return { ...merged, value: removeItems(merged.value, lost, atom) };
  }
}

function addBack(merged: TypedValue, pruned: TypedValue, owned: FieldSet): TypedValue {
  const { atom } = merged;
  const all = typedSet(merged.value, atom).withNamedFields(atom);
  const kept = typedSet(pruned.value, atom).withNamedFields(atom).union(owned.withNamedFields(atom));
  return { ...merged, value: removeItems(merged.value, all.difference(kept), atom) };
}

function takeFrom(owners: Owners, id: string, set: FieldSet): void {
  const owner = owners.get(id);
  if (owner !== undefined) owners.set(id, { ...owner, set: owner.set.difference(set) });
}
