import { builtins } from './builtins.ts';
import { compileTree, runTemplate } from './execute.ts';
import { isEmptyTree } from './nodes.ts';
import { parseTemplate } from './parser.ts';
import { quote } from './quote.ts';
import type { Budget, CompiledTree } from './state.ts';
import { TemplateError } from './template-error.ts';
import type { GoFunction } from './values.ts';
import { Vocabulary } from './vocabulary.ts';

export interface TemplateSetOptions {
  /** Functions by name, before those of Go itself. */
  functions?: Readonly<Record<string, GoFunction>>;
  /** How the set is called in messages about templates that do not exist. */
  name?: string;
}

export interface ExecuteOptions {
  /** A missing key of a map is the zero value (the default), or an error. */
  missingKey?: 'zero' | 'error';
  limits?: Partial<Limits>;
  /** Milliseconds, for the time limit. */
  now?: () => number;
}

/** What one rendering, everything that it includes counted, may use up. */
export interface Limits {
  steps: number;
  bytes: number;
  depth: number;
  milliseconds: number;
}

const defaultLimits: Limits = { steps: 20_000_000, bytes: 64 * 1024 * 1024, depth: 1100, milliseconds: 60_000 };

/** The templates of one file: its own, and all of them. */
export interface ParsedFile {
  readonly main: CompiledTree;
  readonly trees: readonly CompiledTree[];
}

/** State that a set shares with its clones, so that limits hold across `tpl` and `include`. */
interface Shared {
  budget: Budget | undefined;
}

/** A map that begins as what another one holds; that one must not change from then on. */
class Overlay<V> {
  readonly #own: Map<string, V>;
  readonly #below: Overlay<V> | undefined;

  constructor(below: Overlay<V> | undefined, own: Iterable<readonly [string, V]> = []) {
    this.#own = new Map(own);
    this.#below = below;
  }

  get(key: string): V | undefined {
    return this.#own.get(key) ?? this.#below?.get(key);
  }

  set(key: string, value: V): void {
    this.#own.set(key, value);
  }

  /** May name a key twice. */
  keys(): string[] {
    return [...this.#own.keys(), ...(this.#below?.keys() ?? [])];
  }
}

/** Named templates that can call each other, parsed once and run many times. */
export class TemplateSet {
  readonly name: string;
  readonly #functions: Overlay<GoFunction>;
  readonly #templates: Overlay<CompiledTree>;
  readonly #shared: Shared;
  #vocabulary: Vocabulary | undefined;

  constructor(options: TemplateSetOptions = {}, parent?: TemplateSet) {
    this.name = options.name ?? parent?.name ?? 'gotpl';
    this.#functions = new Overlay(
      parent === undefined ? undefined : parent.#functions,
      Object.entries(options.functions ?? {}),
    );
    this.#templates = new Overlay(parent === undefined ? undefined : parent.#templates);
    // A clone mostly replaces functions that are there, and then knows the same names.
    const known = parent === undefined ? undefined : parent.#words();
    if (Object.keys(options.functions ?? {}).every((name) => known?.functions.has(name))) this.#vocabulary = known;
    this.#shared = parent === undefined ? { budget: undefined } : parent.#shared;
  }

  /**
   * Adds the templates of one file; a later definition replaces an earlier one unless it is empty. Returns the file's own
   * template, also when it is empty and one that was there before keeps the name.
   */
  parse(name: string, text: string): CompiledTree {
    return this.add(this.parseFile(name, text));
  }

  /** Reads one file without adding its templates; they can be added to any set that has functions of the same names. */
  parseFile(name: string, text: string): ParsedFile {
    const trees = [...parseTemplate(name, text, this.#words()).values()].map(compileTree);
    const main = trees.find(({ tree }) => tree.name === name);
    if (main === undefined) {
      throw new TemplateError(`template: ${name}: ${quote(name)} is an incomplete or empty template`);
    }
    return { main, trees };
  }

  /** Adds the templates of a file that was read before, as `parse` does. */
  add({ main, trees }: ParsedFile): CompiledTree {
    for (const compiled of trees) {
      const { name } = compiled.tree;
      if (!this.has(name) || !isEmptyTree(compiled.tree)) this.#templates.set(name, compiled);
    }
    return main;
  }

  #words(): Vocabulary {
    this.#vocabulary ??= new Vocabulary(new Set([...builtins.keys(), ...this.#functions.keys()]));
    return this.#vocabulary;
  }

  has(name: string): boolean {
    return this.#templates.get(name) !== undefined;
  }

  /** A copy to which templates and functions can be added without touching this set. */
  clone(options: TemplateSetOptions = {}): TemplateSet {
    return new TemplateSet(options, this);
  }

  /** Runs work whose executions draw on one budget together. */
  underLimits<T>(limits: Partial<Limits>, work: () => T): T {
    const outer = this.#shared.budget;
    this.#shared.budget = outer ?? startBudget({ limits });
    try {
      return work();
    } finally {
      this.#shared.budget = outer;
    }
  }

  /** Renders one template. Called by a function of a running template, it draws on the limits of that run. */
  execute(name: string, data: unknown, options: ExecuteOptions = {}): string {
    const template = this.#templates.get(name);
    if (template === undefined) {
      throw new TemplateError(`template: no template ${quote(name)} associated with template ${quote(this.name)}`);
    }
    return this.run(template, data, options);
  }

  /** Renders a template that `parse` returned. */
  run(template: CompiledTree, data: unknown, options: ExecuteOptions = {}): string {
    const outer = this.#shared.budget;
    const budget = outer ?? startBudget(options);
    this.#shared.budget = budget;
    try {
      const scope = {
        functions: this.#functions,
        templates: this.#templates,
        missingKey: options.missingKey ?? 'zero',
        budget,
      };
      return runTemplate(template, scope, data);
    } finally {
      this.#shared.budget = outer;
    }
  }
}

function startBudget(options: ExecuteOptions): Budget {
  const limits = { ...defaultLimits, ...options.limits };
  // Loading `performance` would cost more than many charts take.
  const now = options.now ?? (() => process.uptime() * 1000);
  return {
    steps: 0,
    bytes: 0,
    produced: 0,
    depth: 0,
    maxSteps: limits.steps,
    maxBytes: limits.bytes,
    maxDepth: limits.depth,
    maxTime: now() + limits.milliseconds,
    now,
  };
}

/** Parses named texts into one set; throws `TemplateError` with Go's texts. */
export function parseTemplates(texts: Readonly<Record<string, string>>, options: TemplateSetOptions = {}): TemplateSet {
  const set = new TemplateSet(options);
  for (const [name, text] of Object.entries(texts)) set.parse(name, text);
  return set;
}
