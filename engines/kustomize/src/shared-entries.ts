import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { fieldOf, setField } from './json.ts';

/** One entry in several maps of a resource. */
interface SharedEntry {
  readonly key: string;
  value: JsonValue;
  holders: readonly JsonObject[];
}

/**
 * Labels and annotations that one transformer has added to several places of a resource. kustomize puts the same YAML node
 * into all of them (filtersutil/setters.go: SetEntry), so that a later change of one, by a patch, a replacement or another
 * transformer, changes them all. Places that are written anew as a whole leave the group.
 */
export class SharedEntries {
  #entries: SharedEntry[] = [];

  add(key: string, value: JsonValue, holders: readonly JsonObject[]): void {
    this.#entries.push({ key, value, holders });
  }

  /** Forgets that a map shares entries, as it was written anew. */
  leave(map: JsonObject): void {
    for (const entry of this.#entries) {
      if (entry.holders.includes(map)) entry.holders = entry.holders.filter((holder) => holder !== map);
    }
  }

  /** After a change: the last of the places that differ from before speaks for all. */
  settle(): void {
    for (const entry of this.#entries) {
      const present = entry.holders.filter((holder) => fieldOf(holder, entry.key) !== undefined);
      const changed = present.findLast((holder) => fieldOf(holder, entry.key) !== entry.value);
      entry.holders = present;
      if (changed === undefined) continue;
      entry.value = fieldOf(changed, entry.key) ?? null;
      for (const holder of present) setField(holder, entry.key, entry.value);
    }
    this.#entries = this.#entries.filter(({ holders }) => holders.length > 1);
  }
}
