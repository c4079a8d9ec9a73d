import type { ReadableFileSystem } from '@flux/fs';
import type { RepositorySpec } from './repository.ts';

/** Brings remote resources; without one, a build that names a URL fails. */
export interface RemoteLoader {
  /** The content of an http(s) URL. Throws when the answer is not a success. */
  fetchFile(url: string): Promise<Uint8Array>;
  /** A clone of the repository at its ref; `root` is the repository's folder in `fs`. */
  cloneRepository(repository: RepositorySpec): Promise<{ fs: ReadableFileSystem; root: string }>;
}

interface Clone {
  readonly fs: ReadableFileSystem;
  readonly root: string;
}

export type RemoteRequest = { kind: 'file'; url: string } | { kind: 'repository'; repository: RepositorySpec };

/**
 * Thrown by the synchronous build when it meets a URL that was not fetched yet. `build` fetches it and starts again; no
 * step may treat it as a failure.
 */
export class RemotePending extends Error {
  readonly request: RemoteRequest;

  constructor(request: RemoteRequest) {
    super('remote content is needed');
    this.request = request;
  }
}

/** What was fetched so far; a failure is kept and thrown again at the place that needs the content. */
export class RemoteCache {
  readonly #files = new Map<string, Uint8Array | Error>();
  readonly #clones = new Map<string, Clone | Error>();

  file(url: string): Uint8Array {
    const found = this.#files.get(url);
    if (found === undefined) throw new RemotePending({ kind: 'file', url });
    if (found instanceof Error) throw found;
    return found;
  }

  clone(repository: RepositorySpec): Clone {
    const found = this.#clones.get(cloneKey(repository));
    if (found === undefined) throw new RemotePending({ kind: 'repository', repository });
    if (found instanceof Error) throw found;
    return found;
  }

  keepFile(url: string, content: Uint8Array | Error): void {
    this.#files.set(url, content);
  }

  keepClone(repository: RepositorySpec, clone: Clone | Error): void {
    this.#clones.set(cloneKey(repository), clone);
  }
}

function cloneKey(repository: RepositorySpec): string {
  return `${repository.cloneUrl}\n${repository.ref}\n${repository.submodules}`;
}
