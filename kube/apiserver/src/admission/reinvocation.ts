/**
 * Which mutations run a second time: after all have run once, those that asked for it and ran before another one changed
 * the object (`reinvocationPolicy: IfNeeded`). One that was not called in the first round is not called in the second.
 */
export class Reinvocation {
  readonly #ran = new Set<string>();
  readonly #due = new Set<string>();
  #changed = false;
  isSecond = false;

  get isNeeded(): boolean {
    return this.#changed;
  }

  runs(id: string): boolean {
    return !this.isSecond || this.#due.has(id);
  }

  /** Call before `ran`, so that nothing runs again for its own change. */
  changed(): void {
    this.#changed = true;
    for (const id of this.#ran) this.#due.add(id);
    this.#ran.clear();
  }

  ran(id: string, policy: unknown): void {
    if (policy === 'IfNeeded') this.#ran.add(id);
  }
}
