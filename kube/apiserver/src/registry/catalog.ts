import { apiVersionOf, type Resource } from './resource.ts';

/** Everything that is served now: by group, version and plural. Custom resources come and go. */
export class Catalog {
  readonly #resources = new Map<string, Resource>();
  readonly #listeners = new Set<() => void>();
  #generation = 0;

  /** Counts changes, so that discovery documents can be cached. */
  get generation(): number {
    return this.#generation;
  }

  add(resource: Resource): void {
    this.#resources.set(keyOf(resource.group, resource.version, resource.plural), resource);
    this.#changed();
  }

  remove(resource: Resource): void {
    this.#resources.delete(keyOf(resource.group, resource.version, resource.plural));
    this.#changed();
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#resources.get(keyOf(group, version, plural));
  }

  findKind(apiVersion: string, kind: string): Resource | undefined {
    for (const resource of this.#resources.values()) {
      if (resource.kind === kind && apiVersionOf(resource) === apiVersion) return resource;
    }
    return undefined;
  }

  /** Any served version of a resource; all of them share the storage. */
  findAnyVersion(group: string, plural: string): Resource | undefined {
    for (const resource of this.#resources.values()) {
      if (resource.group === group && resource.plural === plural) return resource;
    }
    return undefined;
  }

  all(): Resource[] {
    return [...this.#resources.values()];
  }

  hasGroup(group: string): boolean {
    return this.all().some((resource) => resource.group === group);
  }

  hasVersion(group: string, version: string): boolean {
    return this.all().some((resource) => resource.group === group && resource.version === version);
  }

  #changed(): void {
    this.#generation++;
    for (const listener of this.#listeners) listener();
  }
}

function keyOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}
