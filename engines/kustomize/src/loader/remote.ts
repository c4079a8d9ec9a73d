import type { ReadableFileSystem } from '@flux/fs';
import { BuildError } from '../errors.ts';
import type { ChartRenderer, ChartRequest, ChartSource } from './charts.ts';
import type { RepositorySpec } from './repository.ts';

/** Brings remote resources; without one, a build that names a URL fails. */
export interface RemoteLoader {
  /** The content of an http(s) URL. Throws when the answer is not a success. */
  fetchFile(url: string): Promise<Uint8Array>;
  /** A clone of the repository at its ref; `root` is the repository's folder in `fs`. */
  cloneRepository(repository: RepositorySpec): Promise<{ fs: ReadableFileSystem; root: string }>;
}

/** Answers to what can be asked for in the course of a build. */
interface Answers {
  file: Uint8Array;
  repository: { fs: ReadableFileSystem; root: string };
  chart: { fs: ReadableFileSystem; path: string };
  manifests: string;
}

/**
 * Thrown by the synchronous build when it needs something that was not fetched yet. `build` fetches it and starts again; no
 * step may treat it as a failure.
 */
export class RemotePending extends Error {
  readonly fetch: () => Promise<void>;

  constructor(fetch: () => Promise<void>) {
    super('remote content is needed');
    this.fetch = fetch;
  }
}

/** What was fetched so far; a failure is kept and thrown again at the place that needs the content. */
export class RemoteCache {
  readonly #remote: RemoteLoader | undefined;
  readonly #charts: ChartRenderer | undefined;
  readonly #answers = new Map<string, unknown>();
  readonly #systems = new Map<ReadableFileSystem, number>();

  constructor(remote: RemoteLoader | undefined, charts: ChartRenderer | undefined) {
    this.#remote = remote;
    this.#charts = charts;
  }

  /** Whether `helmCharts` can be rendered. */
  get hasCharts(): boolean {
    return this.#charts !== undefined;
  }

  file(url: string): Uint8Array {
    return this.#answer<'file'>(`file ${url}`, () => this.#loader(url).fetchFile(url));
  }

  clone(repository: RepositorySpec): Answers['repository'] {
    const { cloneUrl, ref, submodules, raw } = repository;
    return this.#answer<'repository'>(`clone ${JSON.stringify([cloneUrl, ref, submodules])}`, () =>
      this.#loader(raw).cloneRepository(repository),
    );
  }

  chart(source: ChartSource): Answers['chart'] {
    return this.#answer<'chart'>(`chart ${JSON.stringify(source)}`, () => this.#renderer().fetch(source));
  }

  manifests(request: ChartRequest): string {
    const { fs, ...rest } = request;
    const system = this.#systems.get(fs) ?? this.#systems.size;
    this.#systems.set(fs, system);
    return this.#answer<'manifests'>(`manifests ${JSON.stringify([system, rest])}`, () =>
      this.#renderer().render(request),
    );
  }

  #answer<K extends keyof Answers>(key: string, ask: () => Promise<Answers[K]>): Answers[K] {
    if (!this.#answers.has(key)) {
      throw new RemotePending(async () => {
        this.#answers.set(key, await settle(ask));
      });
    }
    const found = this.#answers.get(key);
    if (found instanceof Error) throw found;
    return found as Answers[K]; // what was kept under a key of this kind
  }

  #loader(name: string): RemoteLoader {
    if (this.#remote !== undefined) return this.#remote;
    throw new BuildError(`remote resource '${name}' cannot be loaded: remote bases are not available`);
  }

  #renderer(): ChartRenderer {
    if (this.#charts !== undefined) return this.#charts;
    throw new BuildError('must specify --enable-helm');
  }
}

async function settle<T>(action: () => Promise<T>): Promise<T | Error> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof BuildError) return error;
    return new BuildError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
