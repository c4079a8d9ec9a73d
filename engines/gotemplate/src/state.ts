import { locationOf, nodeText } from './node-text.ts';
import type { AnyNode, Node, Tree } from './nodes.ts';
import { quote } from './quote.ts';
import { TemplateError } from './template-error.ts';
import type { GoFunction } from './values.ts';

const maxItems = 5_000_000;
const largeText = 4096;
/** All large results may have so many times the length of the largest output. */
const producedShare = 8;
/** Between looks at the clock; some steps take a tenth of a second. */
const stepsPerLook = 64;

/** What one rendering may use up; nested executions (`include`) draw on the same. */
export interface Budget {
  steps: number;
  bytes: number;
  /** Length of the large results of functions. */
  produced: number;
  depth: number;
  readonly maxSteps: number;
  readonly maxBytes: number;
  readonly maxDepth: number;
  readonly maxTime: number;
  readonly now: () => number;
}

/** What one run does with a template; the output goes to the state. */
export type Step = (state: State, dot: unknown) => symbol | undefined;

export interface CompiledTree {
  readonly tree: Tree;
  /** Made when the template first runs; many of a chart never do. */
  run: Step | undefined;
}

interface Lookup<V> {
  get(name: string): V | undefined;
}

/** What an execution needs to know of its surroundings. */
export interface Scope {
  readonly functions: Lookup<GoFunction>;
  readonly templates: Lookup<CompiledTree>;
  readonly missingKey: 'zero' | 'error';
  readonly budget: Budget;
}

interface Binding {
  readonly name: string;
  value: unknown;
  /** The value came out of a map or slice of interfaces; only error texts tell. */
  behindInterface: boolean;
}

/** What one run of one template knows: output, variables, and where it is. */
export class State {
  readonly scope: Scope;
  readonly tree: Tree;
  readonly output: string[] = [];
  readonly bindings: Binding[];
  /** Where an error is reported, and how far behind the position of that node. */
  node: AnyNode;
  #shift = 0;
  dotBehindInterface = false;

  constructor(scope: Scope, tree: Tree, dot: unknown) {
    this.scope = scope;
    this.tree = tree;
    this.node = tree.root;
    this.bindings = [{ name: '$', value: dot, behindInterface: false }];
  }

  /** Begins with the next node of a list. */
  enter(node: Node & { readonly shift: number }): void {
    this.node = node;
    this.#shift = node.shift;
  }

  fail(message: string, cause?: unknown): never {
    const at = `${locationOf(this.tree, this.node.position + this.#shift)}: executing ${quote(this.tree.name)} at <${nodeText(this.node)}>`;
    throw new TemplateError(`template: ${at}: ${message}`, {
      executing: true,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  step(): void {
    const { budget } = this.scope;
    if (++budget.steps > budget.maxSteps) this.fail(`the template takes more than ${budget.maxSteps} steps`);
    if (budget.steps % stepsPerLook === 0 && budget.now() > budget.maxTime) this.fail('the template takes too long');
  }

  write(text: string): void {
    const { budget } = this.scope;
    budget.bytes += text.length;
    if (budget.bytes > budget.maxBytes) this.fail(`the output is larger than ${budget.maxBytes} bytes`);
    this.output.push(text);
  }

  /** A result that could only grow by doubling what is there again and again is refused while memory is left. */
  checkSize(value: unknown): unknown {
    if (typeof value === 'string') {
      if (value.length > largeText) this.#checkText(value);
    } else if (Array.isArray(value) && value.length > maxItems) {
      throw new RangeError(`the result has more than ${maxItems} items`);
    }
    return value;
  }

  /** Large texts count together as well, because variables can keep them all. */
  #checkText({ length }: string): void {
    const { budget } = this.scope;
    if (length > budget.maxBytes) throw new RangeError(`the result is longer than ${budget.maxBytes} bytes`);
    budget.produced += length;
    const most = budget.maxBytes * producedShare;
    if (budget.produced > most) throw new RangeError(`the results are together longer than ${most} bytes`);
  }

  binding(name: string): Binding {
    for (let index = this.bindings.length - 1; index >= 0; index--) {
      const binding = this.bindings[index]!;
      if (binding.name === name) return binding;
    }
    return this.fail(`undefined variable: ${name}`);
  }
}
