/** No value of a chart is that deep; a map can contain itself. */
const maxDepth = 200;
/** A list that holds another twice, which does the same, is small in memory and endless when it is written out. */
const maxParts = 2_000_000;

/** Counts what a function that goes through a whole value has seen, so that hostile values end in an error. */
export class Walk {
  readonly #doing: string;
  #parts = 0;

  /** `doing` completes "value is nested too deeply to be …". */
  constructor(doing: string) {
    this.#doing = doing;
  }

  /** Called for each part of the value with its depth. */
  visit(depth: number): void {
    if (depth > maxDepth) throw new RangeError(`value is nested too deeply to be ${this.#doing}`);
    this.#parts += 1;
    if (this.#parts > maxParts) throw new RangeError(`value has too many parts to be ${this.#doing}`);
  }
}
