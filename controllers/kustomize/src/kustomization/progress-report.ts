import { type Kustomization, kustomization } from '@flux/api';
import type { Run } from '@flux/runtime';

/** A step that takes longer than this is shown on the object. */
const shownAfterMs = 1_000;

/**
 * Tells which step is under way (KUS-FLOW-10). Conditions are set at once but written only when the step takes a while:
 * most passes are over before anybody could have read them, and each write costs as much as applying an object.
 */
export class ProgressReport implements AsyncDisposable {
  readonly #run: Run<Kustomization, unknown>;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(run: Run<Kustomization, unknown>) {
    this.#run = run;
  }

  report(message: string): void {
    clearTimeout(this.#timer);
    void this.#run.progress(message, { patch: false });
    this.#timer = setTimeout(() => this.#write(), shownAfterMs);
  }

  /** Writes what is set now, before a step that waits. */
  async show(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#run.patch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #write(): void {
    this.#writing = this.#run.patch().catch((error) => {
      this.#run.log.error(error, `unable to show progress of the ${kustomization.kind}`);
    });
  }
}
