import type { YamlMode } from './cursor.ts';
import { formatGoSyntax } from './go-syntax.ts';
import { type PlainObject, setOwn } from './plain-object.ts';

/** Stands for a key that is null, which JSON cannot have. */
export const nullKey = Symbol('null key');

/** A key as it is in JSON, and as go-yaml shows it in messages: `"a"`, but `true`. */
export interface Key {
  text: string | typeof nullKey;
  shown: string;
}

type Entry = { kind: 'merge' } | { kind: 'value'; key: Key };

/**
 * Collects the entries of one mapping. `sigs` (go-yaml v2): the last of equal keys wins, `<<` is merged where it stands.
 * `v3`: equal keys are an error, `<<` only fills in what is missing.
 */
export class MappingBuilder {
  readonly #mode: YamlMode;
  readonly #isStrict: boolean;
  readonly #object: PlainObject = {};
  readonly #keyLines = new Map<string, number>();
  readonly #merged: PlainObject[] = [];
  #entry: Entry = { kind: 'merge' };
  /** Messages about repeated keys of the whole document, in go-yaml's words. */
  readonly #duplicates: string[];
  readonly #duplicatesBefore: number;
  readonly #own: string[] = [];

  constructor(mode: YamlMode, isStrict: boolean, duplicates: string[]) {
    this.#mode = mode;
    this.#isStrict = isStrict;
    this.#duplicates = duplicates;
    this.#duplicatesBefore = duplicates.length;
  }

  /** Whether the entry that was started is `<<`. */
  get isMerging(): boolean {
    return this.#entry.kind === 'merge';
  }

  startMerge(): void {
    this.#entry = { kind: 'merge' };
  }

  startEntry(key: Key): void {
    this.#entry = { kind: 'value', key };
  }

  /** go-yaml v3 compares keys as they are written, and does not look at those that are aliases. */
  checkRepeated(text: string, line: number): void {
    if (this.#mode !== 'v3') return;
    const first = this.#keyLines.get(text);
    if (first === undefined) this.#keyLines.set(text, line);
    else this.#own.push(`line ${line + 1}: mapping key ${JSON.stringify(text)} already defined at line ${first + 1}`);
  }

  /** Completes the entry that was started; returns the message of what is wrong with it. */
  setValue(value: unknown, line: number): string | undefined {
    if (this.#entry.kind === 'merge') return this.#merge(value, line);
    const { text, shown } = this.#entry.key;
    if (text === nullKey) {
      return `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${formatGoSyntax(value, this.#mode)}`;
    }
    this.#set({ text, shown }, value, line);
    return undefined;
  }

  #set(key: { text: string; shown: string }, value: unknown, line: number): void {
    if (this.#mode === 'sigs' && this.#isStrict && Object.hasOwn(this.#object, key.text)) {
      this.#duplicates.push(`line ${line + 1}: key ${key.shown} already set in map`);
      return;
    }
    setOwn(this.#object, key.text, value);
  }

  #merge(value: unknown, line: number): string | undefined {
    const sources = Array.isArray(value) ? value : [value];
    if (!sources.every(isMapping)) return 'yaml: map merge requires map or sequence of maps as the value';
    if (this.#mode === 'v3') {
      this.#merged.push(...sources);
      return undefined;
    }
    // Backwards, because earlier ones take precedence.
    for (const source of sources.toReversed()) {
      for (const [key, item] of Object.entries(source))
        this.#set({ text: key, shown: JSON.stringify(key) }, item, line);
    }
    return undefined;
  }

  finish(): PlainObject {
    if (this.#own.length > 0) {
      // go-yaml v3 does not descend into a mapping that repeats keys.
      this.#duplicates.length = this.#duplicatesBefore;
      this.#duplicates.push(...this.#own);
    }
    for (const source of this.#merged) {
      for (const [key, item] of Object.entries(source)) {
        if (!Object.hasOwn(this.#object, key)) setOwn(this.#object, key, item);
      }
    }
    return this.#object;
  }
}

function isMapping(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
