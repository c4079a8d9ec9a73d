import { formatApiVersion, gvkOf } from '@flux/apimachinery/object';
import { isNotFound } from '@flux/apimachinery/status-error';
import { FluxError } from '@flux/errors';
import type { ResourceMapping } from './cluster.ts';

/** The server serves no such kind. */
export class NoMatchError extends FluxError {
  override readonly code = 'NO_KIND_MATCH';
}

interface Snapshot {
  readonly all: readonly ResourceMapping[];
  readonly byKind: ByKind;
}

interface Loaders {
  all(): Promise<readonly ResourceMapping[]>;
  /** The resources of one group and version: little to read, where all of them are hundreds of kilobytes. */
  version(apiVersion: string): Promise<ResourceMapping[]>;
  /** Whether versions are loaded one by one as long as few are needed. */
  startsByVersion: boolean;
}

type ByKind = ReadonlyMap<string, ResourceMapping>;

/** Who needs more versions than this is better off with all of them. */
const maxSingleVersions = 3;

/** REST mappings from discovery, loaded when first asked for; concurrent callers share one load. */
export class ResourceMap {
  readonly #load: Loaders;
  readonly #versions = new Map<string, Promise<ByKind | undefined>>();
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
    const fresh = known ? await this.#lookAgain(ref.apiVersion, key) : undefined;
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
    if (!this.#load.startsByVersion || this.#snapshot || this.#loading) return undefined;
    if (!this.#versions.has(apiVersion) && this.#versions.size >= maxSingleVersions) return undefined;
    return (await this.#versionOf(apiVersion))?.get(key);
  }

  /** Asks for the kind's version first: who waits for a kind to appear asks often, and mostly in vain. */
  async #lookAgain(apiVersion: string, key: string): Promise<ResourceMapping | undefined> {
    const version = await this.#versionOf(apiVersion).finally(() => this.#versions.delete(apiVersion));
    if (version && !version.has(key)) return undefined;
    return (await this.#refresh()).byKind.get(key);
  }

  #versionOf(apiVersion: string): Promise<ByKind | undefined> {
    let version = this.#versions.get(apiVersion);
    if (!version) {
      version = this.#loadVersion(apiVersion);
      this.#versions.set(apiVersion, version);
    }
    return version;
  }

  /** Undefined when it cannot be told: the whole discovery then says what is wrong. */
  async #loadVersion(apiVersion: string): Promise<ByKind | undefined> {
    try {
      return indexByKind(await this.#load.version(apiVersion));
    } catch (error) {
      return isNotFound(error) ? new Map() : undefined;
    }
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
      this.#versions.clear();
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
