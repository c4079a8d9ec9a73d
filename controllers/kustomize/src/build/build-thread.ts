import { Worker } from 'node:worker_threads';
import { BuildError } from '@flux/kustomize';
import type { KustomizeDeps } from '../kustomization/deps.ts';
import type { BuildAnswer, BuildJob } from './build-worker.ts';

type Built = Awaited<ReturnType<KustomizeDeps['build']>>;

/** What a build in a thread can take of memory; a bomb ends the thread and not the controllers. */
const maxHeapMiB = 2048;

/** A worker thread that builds one folder at a time. It keeps the process running only while it builds. */
export class BuildThread {
  readonly #worker: Worker;
  #settle: { resolve(built: Built): void; reject(error: Error): void } | undefined;

  /** False once it failed by itself; it then ends soon. */
  isUsable = true;

  /** `ended` is called once, however the thread ends. */
  constructor(ended: () => void) {
    this.#worker = new Worker(new URL('./build-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
    });
    this.#worker.on('message', (answer: BuildAnswer) => this.#take(answer));
    this.#worker.on('error', (error: Error) => this.#fail(error));
    this.#worker.on('exit', () => {
      this.#fail(new Error('its thread ended'));
      ended();
    });
  }

  run(job: BuildJob): Promise<Built> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(job);
    });
  }

  end(): void {
    void this.#worker.terminate();
  }

  #take(answer: BuildAnswer): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#worker.unref();
    if ('built' in answer) settle?.resolve(answer.built);
    else settle?.reject(answer.isOurs ? new BuildError(answer.failure) : new Error(answer.failure));
  }

  #fail(error: Error): void {
    this.isUsable = false;
    this.#settle?.reject(new BuildError(`kustomize build failed: ${error.message}`, { cause: error }));
    this.#settle = undefined;
  }
}
