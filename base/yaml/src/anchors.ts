import { copyPlain } from './plain-object.ts';

interface Anchor {
  /** Nodes counted before and within the anchored node, aliases in it expanded. */
  countBefore: number;
  size: number;
  isOpen: boolean;
  value: unknown;
}

interface ResolvedAlias {
  value: unknown;
  problem?: string;
}

const lowCount = 400_000;
const highCount = 4_000_000;

/**
 * The anchors of one document. Expanding aliases is counted as go-yaml counts: beyond a share of all nodes that shrinks
 * from 99% to 10% the document is refused, before anything is copied.
 */
export class AnchorTable {
  readonly #anchors = new Map<string, Anchor>();
  readonly #maxAliases: number;
  #nodes = 0;
  #expanded = 0;
  #aliases = 0;

  constructor(maxAliases: number) {
    this.#maxAliases = maxAliases;
  }

  /** Counts a node that begins, and remembers its name if it has one. */
  open(name: string | undefined): Anchor | undefined {
    this.#nodes += 1;
    if (name === undefined) return undefined;
    const anchor: Anchor = { countBefore: this.#nodes - 1, size: 0, isOpen: true, value: null };
    this.#anchors.set(name, anchor);
    return anchor;
  }

  close(anchor: Anchor | undefined, value: unknown): void {
    if (anchor === undefined) return;
    anchor.isOpen = false;
    anchor.value = value;
    anchor.size = this.#nodes - anchor.countBefore;
  }

  /** A copy of what an alias stands for, or undefined if nothing has that name. */
  resolve(name: string): ResolvedAlias | undefined {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) return undefined;
    if (anchor.isOpen) return { value: null, problem: `anchor '${name}' value contains itself` };
    this.#nodes += 1 + anchor.size;
    this.#expanded += anchor.size;
    this.#aliases += 1;
    if (this.#isExcessive()) return { value: null, problem: 'document contains excessive aliasing' };
    return { value: copyPlain(anchor.value) };
  }

  #isExcessive(): boolean {
    if (this.#aliases > this.#maxAliases) return true;
    if (this.#expanded <= 100 || this.#nodes <= 1000) return false;
    const position = Math.min(Math.max((this.#nodes - lowCount) / (highCount - lowCount), 0), 1);
    return this.#expanded / this.#nodes > 0.99 - 0.89 * position;
  }
}
