import { isAlreadyExists, isNotFound, type KubeObject, type ObjectRef } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { labelValueProblems } from '@flux/gotypes';
import type { Values } from '../chart/chart.ts';
import { toPlain } from '../values/table.ts';
import type { Release, ReleaseStatus } from './release.ts';
import type { ReleaseCluster } from './release-cluster.ts';
import { decodeRelease, encodeRelease } from './release-code.ts';
import { joinErrors, notFoundError, ReleaseError } from './release-error.ts';

/** Labels of a storage object that say what it holds; a release cannot bring its own (HELM-STORE-01). */
export const systemLabels: readonly string[] = ['name', 'owner', 'status', 'version', 'createdAt', 'modifiedAt'];

export type StorageWrite = 'create' | 'update' | 'delete';

export interface ReleaseStorageOptions {
  cluster: ReleaseCluster;
  /** Where the Secrets are: the release's own namespace for Helm, not so for Flux (HELM-NAME-03). */
  namespace: string;
  fieldManager: string;
  now?: () => Date;
  /**
   * For how long the revisions of a release are known after they were read, with what was written here since: for one who
   * looks at them several times in a row. 0, the default, reads them each time.
   */
  remembersMs?: number;
  /** Told after each write that succeeded: what history in a status is made of (HELM-STAT-02). */
  onWrite?: (release: Release, write: StorageWrite) => void;
  /** Told of stored objects that do not decode; they are passed over, as Helm does. */
  log?: (message: string, details?: Readonly<Record<string, unknown>>) => void;
}

/** The state of the Secret of a revision. */
export interface StoredRevision {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Labels of the Secrets to look at. */
interface Selection {
  readonly name?: string;
  readonly owner: string;
  readonly status?: ReleaseStatus;
}

/** The revisions of releases in Secrets, readable and writable by Helm 3 and 4 (HELM-STORE). */
export class ReleaseStorage {
  readonly namespace: string;
  readonly #options: ReleaseStorageOptions;
  /** Secrets of all revisions by the name of their release. */
  readonly #known = new Map<string, { readAt: number; secrets: Map<string, KubeObject> }>();
  /** What was written, so that it need not be decoded again. */
  readonly #written = new WeakMap<KubeObject, Release>();

  constructor(options: ReleaseStorageOptions) {
    this.#options = options;
    this.namespace = options.namespace;
  }

  /** Rejects with a `ReleaseError` of reason `not-found`. */
  async get(name: string, version: number): Promise<Release> {
    const secret = await this.#call(`get: failed to get "${keyOf(name, version)}"`, (cluster) =>
      cluster.find(this.#ref(name, version)),
    );
    if (!secret) throw notFoundError();
    try {
      return await readStoredRelease(secret);
    } catch (error) {
      const text = `get: failed to decode data "${keyOf(name, version)}": ${messageOf(error)}`;
      throw new ReleaseError(text, { reason: 'storage', cause: error });
    }
  }

  /** All revisions of one release, oldest first; empty when there are none. */
  history(name: string): Promise<Release[]> {
    return this.#query({ name, owner: 'helm' });
  }

  /** The highest revision. Only that one is decoded: a release may be megabytes, and this is read at every look at one. */
  async last(name: string): Promise<Release | undefined> {
    const secrets = await this.#select({ name, owner: 'helm' });
    for (const secret of secrets.toSorted((a, b) => versionOf(b) - versionOf(a))) {
      const release = await this.#tryRead(secret);
      if (release) return release;
    }
    return undefined;
  }

  /** The Secret of the highest revision as `last` read or a write left it; undefined when that is not remembered. */
  lastStored(name: string): StoredRevision | undefined {
    const [newest] = this.#recall(name)?.toSorted((a, b) => versionOf(b) - versionOf(a)) ?? [];
    const { uid, resourceVersion } = newest?.metadata ?? {};
    return uid && resourceVersion ? { uid, resourceVersion } : undefined;
  }

  /** The highest revision that is deployed. */
  async deployed(name: string): Promise<Release | undefined> {
    return (await this.deployedAll(name)).at(-1);
  }

  deployedAll(name: string): Promise<Release[]> {
    return this.#query({ name, owner: 'helm', status: 'deployed' });
  }

  /** Every revision of every release of the namespace. */
  list(): Promise<Release[]> {
    return this.#query({ owner: 'helm' });
  }

  /**
   * Stores a new revision; reason `exists` when it is there already, which is the lock between two actions. Before that
   * the oldest revisions go until `maxHistory` - 1 remain, never the deployed one; 0 keeps all (HELM-STORE-05).
   */
  async create(release: Release, maxHistory = 0): Promise<void> {
    if (maxHistory > 0) await this.#removeOldest(release.name, maxHistory - 1);
    const secret = await this.#secretOf(release, 'createdAt');
    try {
      this.#remember(release, await this.#options.cluster.create(secret, this.#writer));
    } catch (error) {
      this.#known.delete(release.name);
      if (isAlreadyExists(error)) throw new ReleaseError('release: already exists', { reason: 'exists', cause: error });
      throw storageError('create: failed to create', error);
    }
    this.#options.onWrite?.(release, 'create');
  }

  /** Replaces a stored revision. */
  async update(release: Release): Promise<void> {
    const secret = await this.#secretOf(release, 'modifiedAt');
    try {
      this.#remember(release, await this.#options.cluster.update(secret, this.#writer));
    } catch (error) {
      this.#known.delete(release.name);
      throw storageError('update: failed to update', error);
    }
    this.#options.onWrite?.(release, 'update');
  }

  /** Rejects with reason `not-found` when there is no such revision. */
  async delete(name: string, version: number): Promise<Release> {
    const release = await this.get(name, version);
    await this.#remove(name, release);
    return release;
  }

  async #remove(name: string, release: Release): Promise<void> {
    try {
      await this.#options.cluster.delete(this.#ref(name, release.version));
      this.#known.get(name)?.secrets.delete(keyOf(name, release.version));
    } catch (error) {
      this.#known.delete(name);
      throw isNotFound(error) ? notFoundError() : error;
    }
    this.#options.onWrite?.(release, 'delete');
  }

  async #query(labels: Selection): Promise<Release[]> {
    const releases = await Promise.all((await this.#select(labels)).map((secret) => this.#tryRead(secret)));
    return releases.filter((release) => release !== undefined).toSorted((a, b) => a.version - b.version);
  }

  async #select(labels: Selection): Promise<KubeObject[]> {
    const { name, status } = labels;
    const known = this.#recall(name) ?? (await this.#read(labels));
    return status === undefined ? known : known.filter(({ metadata }) => metadata.labels?.['status'] === status);
  }

  async #read(labels: Selection): Promise<KubeObject[]> {
    const selector = Object.entries(labels).map(([key, value]) => {
      const problems = labelValueProblems(value);
      if (problems.length === 0) return `${key}=${value}`;
      const text = `invalid label value: ${JSON.stringify(value)}: ${problems.join('; ')}`;
      throw new ReleaseError(text, { reason: 'storage' });
    });
    const { items } = await this.#call('query: failed to query with labels', (cluster) =>
      cluster.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: this.namespace, labelSelector: selector.join() }),
    );
    const { name, status } = labels;
    if (name === undefined || status !== undefined || !this.#options.remembersMs) return items;
    const secrets = new Map(items.map((secret) => [secret.metadata.name, secret]));
    this.#known.set(name, { readAt: this.#now().getTime(), secrets });
    return items;
  }

  #recall(name: string | undefined): KubeObject[] | undefined {
    const known = name === undefined ? undefined : this.#known.get(name);
    const ageMs = this.#now().getTime() - (known?.readAt ?? 0);
    return known && ageMs < (this.#options.remembersMs ?? 0) ? [...known.secrets.values()] : undefined;
  }

  #remember(release: Release, secret: KubeObject): void {
    const known = this.#known.get(release.name);
    if (!known) return;
    known.secrets.set(secret.metadata.name, secret);
    this.#written.set(secret, copyRelease(release));
  }

  async #tryRead(secret: KubeObject): Promise<Release | undefined> {
    const written = this.#written.get(secret);
    if (written) return copyRelease(written);
    try {
      return await readStoredRelease(secret);
    } catch (error) {
      this.#options.log?.('failed to decode release', { key: secret.metadata.name, error: messageOf(error) });
      return undefined;
    }
  }

  async #removeOldest(name: string, maximum: number): Promise<void> {
    const history = await this.history(name);
    const excess = history.length - maximum;
    if (excess <= 0) return;
    const deployed = history.findLast((release) => release.info.status === 'deployed');
    const errors: unknown[] = [];
    for (const release of history.filter((item) => item !== deployed).slice(0, excess)) {
      await this.#remove(name, release).catch((error: unknown) => errors.push(error));
    }
    if (errors.length === 0) return;
    if (errors.length === 1) throw errors[0];
    const text = `encountered ${errors.length} deletion errors. First is: ${messageOf(errors[0])}`;
    throw new ReleaseError(text, { reason: 'storage', cause: joinErrors(errors, '; ') });
  }

  async #secretOf(release: Release, timeLabel: 'createdAt' | 'modifiedAt'): Promise<KubeObject> {
    const content = await encodeRelease(release);
    const labels = {
      ...release.labels,
      [timeLabel]: String(Math.floor(this.#now().getTime() / 1000)),
      name: release.name,
      owner: 'helm',
      status: release.info.status,
      version: String(release.version),
    };
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: keyOf(release.name, release.version), namespace: this.namespace, labels },
      type: 'helm.sh/release.v1',
      data: { release: Buffer.from(content).toString('base64') },
    };
  }

  async #call<T>(what: string, request: (cluster: ReleaseCluster) => Promise<T>): Promise<T> {
    try {
      return await request(this.#options.cluster);
    } catch (error) {
      throw storageError(what, error);
    }
  }

  get #writer(): { fieldManager: string } {
    return { fieldManager: this.#options.fieldManager };
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  #ref(name: string, version: number): ObjectRef {
    return { apiVersion: 'v1', kind: 'Secret', namespace: this.namespace, name: keyOf(name, version) };
  }
}

/** The name of the Secret of one revision. */
function keyOf(name: string, version: number): string {
  return `sh.helm.release.v1.${name}.v${version}`;
}

/** The revision that a Secret is named after. */
function versionOf({ metadata: { name } }: KubeObject): number {
  return Number(name.slice(name.lastIndexOf('.v') + '.v'.length));
}

/** The release as it is now, for one who goes on to change his. */
export function copyRelease(release: Release): Release {
  const { info, hooks, config } = release;
  const copy = { ...release, info: { ...info }, hooks: structuredClone(hooks) };
  return config === undefined ? copy : { ...copy, config: toPlain(config) as Values };
}

function storageError(what: string, cause: unknown): ReleaseError {
  return new ReleaseError(`${what}: ${messageOf(cause)}`, { reason: 'storage', cause });
}

/** The release that a Secret of Helm's storage holds. */
export async function readStoredRelease(secret: KubeObject): Promise<Release> {
  const encoded: unknown = secret['data']?.release;
  const content = Buffer.from(typeof encoded === 'string' ? encoded : '', 'base64').toString('latin1');
  const release = await decodeRelease(content);
  const own = Object.entries(secret.metadata.labels ?? {}).filter(([key]) => !systemLabels.includes(key));
  return { ...release, labels: Object.fromEntries(own) };
}
