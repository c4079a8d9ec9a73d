import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Artifact } from '@flux/api';
import { createDigest, type DigestAlgorithm, type DigestStream, digestsEqual, parseDigest } from '@flux/crypto';
import { FluxError } from '@flux/errors';
import { type IgnoreRules, packDirectory, secureJoin } from '@flux/fs';
import { formatTime } from '@flux/gotypes';
import { collectGarbage, type Retention } from './garbage.ts';

/** A stored file is missing, or is not what its artifact says; the message is Flux's. */
export class StorageError extends FluxError {
  override readonly code = 'STORAGE';
}

export interface ArtifactStorageOptions {
  /** `--storage-path`; it must exist. */
  root: string;
  /** `--storage-adv-addr`: host and port in URLs, or a prefix with a scheme. May be set later, when the port is known. */
  advertisedAddress: string;
  /** `--artifact-retention-ttl` and `--artifact-retention-records`. Default 60 s and 2. */
  retention?: Retention;
  /** `--artifact-digest-algo`. Default sha256. */
  digestAlgorithm?: DigestAlgorithm;
  now?: () => Date;
}

/** The object that an artifact belongs to. */
export interface ArtifactOwner {
  kind: string;
  namespace: string;
  name: string;
}

/** Where an artifact goes: everything but what is only known once it is written. */
export type ArtifactPlan = Pick<Artifact, 'path' | 'url' | 'revision'>;

const defaultRetention: Retention = { ttlMs: 60_000, records: 2 };

/** The artifacts of a process on disk. No path leaves the root, whatever an object is called (SRC-ART-11). */
export class ArtifactStorage {
  readonly root: string;
  readonly #options: ArtifactStorageOptions;
  readonly #writes = new Map<string, Promise<unknown>>();
  #advertisedAddress: string;

  constructor(options: ArtifactStorageOptions) {
    this.#options = options;
    this.root = options.root;
    this.#advertisedAddress = options.advertisedAddress;
  }

  /** From now on URLs begin with this address. */
  advertise(address: string): void {
    this.#advertisedAddress = address;
  }

  /** `lower(kind)/namespace/name/file` (SRC-ART-02). */
  plan(owner: ArtifactOwner, revision: string, fileName: string): ArtifactPlan {
    const path = `${directoryOf(owner)}/${fileName}`;
    return { path, url: this.urlOf(path), revision };
  }

  /** Nothing is escaped in it, `+` and `:` stay (SRC-ART-02). */
  urlOf(path: string): string {
    const base = this.#advertisedAddress;
    return `${/^https?:\/\//.test(base) ? base : `http://${base}`}/${path}`;
  }

  localPath({ path }: Pick<Artifact, 'path'>): string {
    return secureJoin(this.root, path);
  }

  async exists(artifact: Artifact): Promise<boolean> {
    const found = await lstat(this.localPath(artifact)).catch(() => undefined);
    return found?.isFile() ?? false;
  }

  /** Compares the file with the digest of the artifact, in the algorithm that the artifact names (SRC-ART-04). */
  async verify(artifact: Artifact): Promise<void> {
    if (!artifact.digest) throw new StorageError('artifact has no digest');
    const { algorithm } = parseDigest(artifact.digest);
    const computed = await digestFile(this.localPath(artifact), algorithm);
    if (!digestsEqual(computed, artifact.digest)) {
      throw new StorageError(`computed digest doesn't match '${artifact.digest}'`);
    }
  }

  async remove(artifact: Artifact): Promise<void> {
    await rm(this.localPath(artifact), { force: true });
  }

  /** Removes all that is stored for an object; tells whether there was anything. */
  async removeAll(owner: ArtifactOwner): Promise<boolean> {
    const directory = secureJoin(this.root, directoryOf(owner));
    const found = await readdir(directory).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
    return found !== undefined;
  }

  async makeDirectory(plan: ArtifactPlan): Promise<void> {
    await mkdir(dirname(this.localPath(plan)), { recursive: true, mode: 0o700 });
  }

  /**
   * Packs a directory as the file of an artifact. The file appears whole or not at all: it is written beside its place and
   * renamed (SRC-ART-06). Two writers of one file take turns.
   */
  async archive(plan: ArtifactPlan, directory: string, ignore: IgnoreRules, signal?: AbortSignal): Promise<Artifact> {
    return this.#store(plan, async (partial, digest) =>
      packDirectory(directory, partial, { ignore, digest, ...(signal ? { signal } : {}) }),
    );
  }

  /** Stores bytes as the file of an artifact, whole or not at all. */
  async write(plan: ArtifactPlan, content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Artifact> {
    return this.#store(plan, async (partial, digest) => {
      let size = 0;
      async function* measured() {
        for await (const chunk of content) {
          digest.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      }
      await pipeline(measured, createWriteStream(partial, { mode: 0o600 }));
      return { digest: digest.digest(), size };
    });
  }

  /** A symlink beside the artifact's file; its URL (SRC-ART-08). */
  async link(artifact: Pick<Artifact, 'path'>, name: string): Promise<string> {
    const file = this.localPath(artifact);
    const partial = this.#partial(file);
    await symlink(basename(file), partial);
    try {
      await rename(partial, join(dirname(file), name));
    } finally {
      await rm(partial, { force: true });
    }
    return this.urlOf(`${posix.dirname(artifact.path)}/${name}`);
  }

  async #store(
    plan: ArtifactPlan,
    write: (partial: string, digest: DigestStream) => Promise<{ digest: string; size: number }>,
  ): Promise<Artifact> {
    const file = this.localPath(plan);
    return this.#exclusive(file, async () => {
      const partial = this.#partial(file);
      try {
        const written = await write(partial, await createDigest(this.#options.digestAlgorithm ?? 'sha256'));
        await chmod(partial, 0o600);
        await rename(partial, file);
        return { ...plan, digest: written.digest, size: written.size, lastUpdateTime: formatTime(this.#now()) };
      } finally {
        await rm(partial, { force: true });
      }
    });
  }

  #partial(file: string): string {
    const unique = Math.random().toString(36).slice(2);
    return join(dirname(file), `.${process.pid}-${this.#now().getTime()}-${unique}.tmp`);
  }

  /** Removes old files beside the current one; the paths of those removed (SRC-ART-09). */
  collectGarbage(artifact: Artifact, signal: AbortSignal): Promise<string[]> {
    const { retention = defaultRetention } = this.#options;
    return collectGarbage(this.localPath(artifact), { ...retention, now: this.#now(), signal });
  }

  /** Fails when the root is not a directory. */
  async check(): Promise<void> {
    const found = await stat(this.root).catch(() => undefined);
    if (!found?.isDirectory()) throw new StorageError(`invalid dir path: ${this.root}`);
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  async #exclusive<T>(file: string, action: () => Promise<T>): Promise<T> {
    const before = this.#writes.get(file) ?? Promise.resolve();
    const turn = before.then(action, action);
    this.#writes.set(file, turn);
    try {
      return await turn;
    } finally {
      if (this.#writes.get(file) === turn) this.#writes.delete(file);
    }
  }
}

function directoryOf({ kind, namespace, name }: ArtifactOwner): string {
  return `${kind.toLowerCase()}/${namespace}/${name}`;
}

async function digestFile(path: string, algorithm: DigestAlgorithm): Promise<string> {
  const digest = await createDigest(algorithm);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) digest.update(chunk);
  return digest.digest();
}
