import type { Resource } from '../resource.ts';
import { effectiveNamespace } from '../resource-id.ts';

/** Resources by the names they had before: only those can be the target of an outdated reference. */
export class ReferralCandidates {
  readonly #byName = new Map<string, Resource[]>();
  readonly #resources: readonly Resource[];
  #byNamespace: Map<string, Resource[]> | undefined;

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
    for (const resource of resources) {
      for (const name of new Set(resource.previous.map((previous) => previous.name))) {
        const known = this.#byName.get(name);
        if (known === undefined) this.#byName.set(name, [resource]);
        else known.push(resource);
      }
    }
  }

  byPreviousName(name: string): readonly Resource[] {
    return this.#byName.get(name) ?? [];
  }

  /** Whether any resource that the referrer sees was in this namespace at first. */
  hasOriginalNamespace(namespace: string, visible: (resource: Resource) => boolean): boolean {
    if (this.#byNamespace === undefined) {
      this.#byNamespace = new Map();
      for (const resource of this.#resources) {
        const key = effectiveNamespace(resource.originalId);
        const known = this.#byNamespace.get(key);
        if (known === undefined) this.#byNamespace.set(key, [resource]);
        else known.push(resource);
      }
    }
    return this.#byNamespace.get(namespace)?.some(visible) ?? false;
  }
}
