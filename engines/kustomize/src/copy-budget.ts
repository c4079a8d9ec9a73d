import type { JsonValue } from '@flux/apimachinery';
import { BuildError } from './errors.ts';

const maxCopied = 2_000_000;
/** A text counts as one value for each so many characters. */
const charactersPerValue = 10;

/**
 * How much one build may copy from field to field. Copies (of JSON patches, replacements and vars) can double an object or
 * a text each time; kustomize would go on until memory ends.
 */
export class CopyBudget {
  #left = maxCopied;

  /** Counts a copy of the value; `what` makes it. */
  charge(value: JsonValue, what: string): void {
    this.#left -= 1;
    if (typeof value === 'string') this.chargeText(value.length, what);
    if (this.#left < 0) throw tooMuch(what);
    if (typeof value !== 'object' || value === null) return;
    for (const child of Array.isArray(value) ? value : Object.values(value)) this.charge(child, what);
  }

  chargeText(length: number, what: string): void {
    this.#left -= length / charactersPerValue;
    if (this.#left < 0) throw tooMuch(what);
  }
}

function tooMuch(what: string): BuildError {
  return new BuildError(`${what} may not copy more than ${maxCopied} values in one build`);
}
