/**
 * The way to a value, as in `self`, `items`, `@items`. cel-go keeps ways in slices that grow in place: two members of one
 * value can share memory, and the later overwrites the last step of the earlier. A loop asks for the size of what it runs
 * over only after its body, so what it gets can be that of another member. Rules are accepted by such numbers, so it is
 * the same here.
 */
export class Path {
  readonly #steps: string[];
  readonly #length: number;
  readonly #capacity: number;

  private constructor(steps: string[], length: number, capacity: number) {
    this.#steps = steps;
    this.#length = length;
    this.#capacity = capacity;
  }

  static of(name: string): Path {
    return new Path([name], 1, 1);
  }

  /** The way to a member; without a way to the value it begins here. */
  static below(path: Path | undefined, step: string): Path {
    return path === undefined ? Path.of(step) : path.#append(step);
  }

  get steps(): readonly string[] {
    return this.#steps.slice(0, this.#length);
  }

  #append(step: string): Path {
    if (this.#length < this.#capacity) {
      this.#steps[this.#length] = step;
      return new Path(this.#steps, this.#length + 1, this.#capacity);
    }
    return new Path([...this.steps, step], this.#length + 1, this.#capacity * 2);
  }
}
