import { toCelValue } from './values.ts';

/** Objects that were converted already, for inputs that show the same ones. */
export type CelConversions = WeakMap<object, unknown>;

/** The values of variables in the form in which programs take them: each is converted once, however many programs see it. */
export class CelInput {
  /** As the engine takes them. */
  readonly values: Record<string, unknown> = Object.create(null);
  readonly #conversions: CelConversions;

  constructor(values: Readonly<Record<string, unknown>>, conversions: CelConversions = new WeakMap()) {
    this.#conversions = conversions;
    for (const [name, value] of Object.entries(values)) this.set(name, value);
  }

  set(name: string, value: unknown): void {
    this.values[name] = this.#convert(value);
  }

  /** A variable that is a map of what programs make; entries that are added to it later are seen, too. */
  setMap(name: string): Record<string, unknown> {
    const map: Record<string, unknown> = Object.create(null);
    this.values[name] = map;
    return map;
  }

  #convert(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return toCelValue(value);
    if (!this.#conversions.has(value)) this.#conversions.set(value, toCelValue(value));
    return this.#conversions.get(value);
  }
}
