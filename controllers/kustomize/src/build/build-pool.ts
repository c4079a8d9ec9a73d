import { availableParallelism } from 'node:os';
import type { BuildInput, KustomizeDeps } from '../kustomization/deps.ts';
import { hasMoreManifests } from './artifact-size.ts';
import type { BuildOptions } from './build-manifests.ts';
import { BuildThread } from './build-thread.ts';

type Built = Awaited<ReturnType<KustomizeDeps['build']>>;

/** A build of fewer manifests takes less time than a thread costs. */
const inlineManifests = 150;
/** Threads that have nothing to do end, as builds come together: after a push, or a start. */
const idleMs = 30_000;

/**
 * Builds the folders of large artifacts in worker threads, so that the controllers stay responsive meanwhile; those of small
 * ones at once. There are at most as many threads as processors are left, and none while none is needed.
 */
export class BuildPool {
  readonly #options: BuildOptions;
  readonly #maxThreads = Math.max(1, Math.min(4, availableParallelism() - 1));
  readonly #threads = new Set<BuildThread>();
  readonly #idle = new Map<BuildThread, NodeJS.Timeout>();
  readonly #waiting: (() => void)[] = [];

  constructor({ refusesRemoteBases }: BuildOptions) {
    this.#options = { refusesRemoteBases };
  }

  async build(input: BuildInput): Promise<Built> {
    if (!hasMoreManifests(input.root, inlineManifests)) {
      const { buildManifests } = await import('./build-manifests.ts');
      return buildManifests(input, this.#options);
    }
    const thread = await this.#take();
    try {
      return await thread.run({ input, options: this.#options });
    } finally {
      this.#giveBack(thread);
    }
  }

  async #take(): Promise<BuildThread> {
    for (;;) {
      const [idle] = this.#idle;
      if (idle !== undefined) {
        clearTimeout(idle[1]);
        this.#idle.delete(idle[0]);
        return idle[0];
      }
      if (this.#threads.size < this.#maxThreads) return this.#start();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #start(): BuildThread {
    const thread = new BuildThread(() => {
      clearTimeout(this.#idle.get(thread));
      this.#idle.delete(thread);
      this.#threads.delete(thread);
      this.#waiting.shift()?.();
    });
    this.#threads.add(thread);
    return thread;
  }

  #giveBack(thread: BuildThread): void {
    if (!thread.isUsable) return; // it makes room when it has ended
    this.#idle.set(thread, setTimeout(() => thread.end(), idleMs).unref());
    this.#waiting.shift()?.();
  }
}
