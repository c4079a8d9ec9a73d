import { formatApiVersion, gvkOf } from '@flux/apimachinery/object';
import { FluxError } from '@flux/errors';
import type { ResourceMapping } from './cluster.ts';

/** The server serves no such kind. */
export class NoMatchError extends FluxError {
  override readonly code = 'NO_KIND_MATCH';
}

interface Snapshot {
  readonly all: readonly ResourceMapping[];
  readonly byKind: ReadonlyMap<string, ResourceMapping>;
}

interface Loaders {
  all(): Promise<ResourceMapping[]>;
  /** The resources of one group and version; none when it is not served. Left out, everything is loaded at once. */
  version?(apiVersion: string): Promise<ResourceMapping[]>;
}

/** Who needs more versions than this is better off with all of them. */
const maxSingleVersions = 3;

/** REST mappings from discovery, loaded when first asked for; concurrent callers share one load. */
export class ResourceMap {
  readonly #load: Loaders;
  readonly #versions = new Map<string, Promise<ReadonlyMap<string, ResourceMapping>>>();
  #snapshot: Promise<Snapshot> | undefined;
  #loading: Promise<Snapshot> | undefined;

  constructor(load: Loaders) {
    this.#load = load;
  }

  /** An unknown kind looks once more before it throws: its CRD may have been created a moment ago. */
  async get(ref: { apiVersion: string; kind: string }): Promise<ResourceMapping> {
    const key = `${ref.apiVersion}/${ref.kind}`;
    const single = await this.#getOfVersion(ref.apiVersion, key);
    if (single) return single;
    const known = this.#snapshot;
    const found = (await (known ?? this.#refresh())).byKind.get(key);
    if (found) return found;
    const fresh = known ? (await this.#refresh()).byKind.get(key) : undefined;
    if (fresh) return fresh;
    const { group, version, kind } = gvkOf(ref);
    throw new NoMatchError(`no matches for kind "${kind}" in version "${formatApiVersion(group, version)}"`, {
      details: { apiVersion: ref.apiVersion, kind },
    });
  }

  async all(): Promise<readonly ResourceMapping[]> {
    return (await (this.#snapshot ?? this.#refresh())).all;
  }

  invalidate(): void {
    this.#snapshot = undefined;
    this.#versions.clear();
  }

  /** Undefined where all is loaded already, or has to be. */
  async #getOfVersion(apiVersion: string, key: string): Promise<ResourceMapping | undefined> {
    if (!this.#load.version || this.#snapshot || this.#loading) return undefined;
    let version = this.#versions.get(apiVersion);
    if (!version && this.#versions.size >= maxSingleVersions) return undefined;
    if (!version) {
      // a failure is left to the whole discovery, which says what is wrong
      version = this.#load.version(apiVersion).then(indexByKind, () => new Map());
      this.#versions.set(apiVersion, version);
    }
    return (await version).get(key);
  }

  #refresh(): Promise<Snapshot> {
    this.#loading ??= this.#reload();
    return this.#loading;
  }

  async #reload(): Promise<Snapshot> {
    try {
      const all = await this.#load.all();
      const snapshot = { all, byKind: indexByKind(all) };
      this.#snapshot = Promise.resolve(snapshot);
      return snapshot;
    } finally {
      this.#loading = undefined;
    }
  }
}

/** The first resource of a kind wins: later ones are the likes of `pods/eviction` under another name. */
function indexByKind(mappings: readonly ResourceMapping[]): Map<string, ResourceMapping> {
  const byKind = new Map<string, ResourceMapping>();
  for (const mapping of mappings) {
    const key = `${formatApiVersion(mapping.group, mapping.version)}/${mapping.kind}`;
    if (!byKind.has(key)) byKind.set(key, mapping);
  }
  return byKind;
}
