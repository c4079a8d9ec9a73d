import { type ReadableFileSystem, rootedFileSystem, type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { checkout, listRemote } from '@flux/git';
import { createHttpClient, DownloadError } from '@flux/http';
import type { RemoteLoader, RepositorySpec } from '@flux/kustomize';

/** Limits of one remote base: they are fetched in the course of a build. */
const cloneTimeoutMs = 27_000;
const fileTimeoutMs = 30_000;
const maxFileBytes = 50 * 1024 * 1024;

/** Brings the remote bases of one build; dispose it to remove the clones. */
export interface RemoteBases extends RemoteLoader, AsyncDisposable {
  readonly wasUsed: boolean;
}

/** Remote files by HTTP, remote repositories by Git, as kustomize fetches them (KUS-BUILD-02). */
export function remoteBases(): RemoteBases {
  return new Remotes();
}

class Remotes implements RemoteBases {
  readonly #clones: TemporaryDirectory[] = [];
  wasUsed = false;

  async fetchFile(url: string): Promise<Uint8Array> {
    this.wasUsed = true;
    await using client = createHttpClient();
    const response = await client.bytes(url, { timeoutMs: fileTimeoutMs, maxBytes: maxFileBytes });
    if (response.status < 200 || response.status > 299) {
      throw new DownloadError(`${url}: ${response.status} ${response.statusText}`);
    }
    return response.body;
  }

  async cloneRepository(repository: RepositorySpec): Promise<{ fs: ReadableFileSystem; root: string }> {
    this.wasUsed = true;
    const clone = await temporaryDirectory('kustomize');
    this.#clones.push(clone);
    const { cloneUrl: url, ref, submodules } = repository;
    await checkout({
      url,
      directory: clone.path,
      ref: await referenceOf(url, ref),
      recurseSubmodules: submodules,
      timeoutMs: cloneTimeoutMs,
    });
    return { fs: rootedFileSystem(clone.path), root: clone.path };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const clone of this.#clones.splice(0)) await clone[Symbol.asyncDispose]();
  }
}

/** What `git fetch origin <ref>` finds: a branch, a tag, a full name or a commit; without one, the default branch. */
async function referenceOf(url: string, ref: string) {
  if (/^[0-9a-f]{40}$/.test(ref)) return { commit: ref };
  if (ref.startsWith('refs/')) return { name: ref };
  if (ref === '') return { name: 'HEAD' };
  const { refs } = await listRemote({ url });
  return refs.has(`refs/heads/${ref}`) ? { branch: ref } : { tag: ref };
}
