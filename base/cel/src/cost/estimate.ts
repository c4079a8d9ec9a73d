import { type CelType, isScalar } from '../check/type.ts';
import type { Loop, Node, NodeOf } from '../syntax/node.ts';
import type { Call, CallCost, Operand } from './call.ts';
import { callCost } from './calls.ts';
import type { CelDeclaration } from './declaration.ts';
import { operatorRules } from './operators.ts';
import { Path } from './path.ts';
import { fixed, nothing, plus, type Range, times, union, unknown } from './range.ts';

/** How large keys and values of a list or map that the expression builds can be. */
interface EntrySizes {
  readonly kind: 'list' | 'map';
  readonly key: Range;
  readonly value: Range;
}

interface LocalVariable {
  readonly path: Path | undefined;
  readonly size: Range | undefined;
  readonly entries: EntrySizes | undefined;
}

/** What the check of an expression has found. */
export interface CheckedNodes {
  typeOf(node: Node): CelType;
  /** The name with dots that a member or call stands for: of a type, a variable or a function. */
  nameOf(node: Node): string | undefined;
}

const accumulator = '@result';
const one = fixed(1);

/**
 * Estimates what the evaluation of an expression costs at most, as cel-go does for an API server that has to decide
 * whether to accept a rule before it knows the values.
 */
export class Estimator {
  readonly #checked: CheckedNodes;
  /** Sizes are looked up from here, whichever variable a path begins with. */
  readonly #root: CelDeclaration;
  readonly #locals = new Map<string, LocalVariable[]>();
  readonly #paths = new Map<Node, Path>();
  readonly #sizes = new Map<Node, Range>();
  readonly #entries = new Map<Node, EntrySizes>();

  constructor(checked: CheckedNodes, root: CelDeclaration) {
    this.#checked = checked;
    this.#root = root;
  }

  cost(node: Node): Range {
    if (node.expansion) return this.#expansion(node, node.expansion);
    switch (node.op) {
      case 'value':
        return nothing;
      case 'id':
        return this.#name(node, node.args);
      case '.':
        return this.#member(node);
      case 'has':
        return this.cost(node.args[0]);
      case 'list':
        return this.#list(node);
      case 'map':
        return this.#map(node);
      case 'object':
        return plus(fixed(40), ...node.args[1].map(({ value }) => this.cost(value)));
      case 'loop':
        return isBinding(node.args) ? this.#binding(node, node.args) : this.#loop(node, node.args);
      default:
        return this.#call(node);
    }
  }

  #expansion(node: Node, expansion: Node): Range {
    const cost = this.cost(expansion);
    this.#copy(node, expansion);
    const path = this.#paths.get(expansion);
    if (path) this.#paths.set(node, path);
    return cost;
  }

  #copy(to: Node, from: Node): void {
    const size = this.#size(from);
    const entries = this.#entrySizes(from);
    if (size) this.#sizes.set(to, size);
    if (entries) this.#entries.set(to, entries);
  }

  #local(node: Node): LocalVariable | undefined {
    return node.op === 'id' ? this.#locals.get(node.args)?.at(-1) : undefined;
  }

  #name(node: Node, name: string): Range {
    const local = this.#local(node);
    const path = local ? local.path : Path.of(name);
    if (path) this.#paths.set(node, path);
    return one;
  }

  #path(node: Node): Path | undefined {
    return this.#local(node)?.path ?? this.#paths.get(node);
  }

  #member(node: NodeOf<'.'>): Range {
    const name = this.#checked.nameOf(node);
    if (name !== undefined) return this.#name(node, name);
    const [operand, field] = node.args;
    const cost = this.cost(operand);
    const { kind } = this.#checked.typeOf(operand);
    this.#paths.set(node, Path.below(this.#path(operand), field));
    return kind === 'map' || kind === 'struct' || kind === 'parameter' ? plus(cost, one) : cost;
  }

  #list(node: NodeOf<'list'>): Range {
    const cost = plus(fixed(10), ...node.args.map((item) => this.cost(item)));
    this.#entries.set(node, { kind: 'list', key: one, value: this.#unionOf(node.args) });
    return cost;
  }

  #map(node: NodeOf<'map'>): Range {
    const cost = plus(fixed(30), ...node.args.flat().map((part) => this.cost(part)));
    const [key, value] = ([0, 1] as const).map((index) => this.#unionOf(node.args.map((entry) => entry[index])));
    this.#entries.set(node, { kind: 'map', key: key!, value: value! });
    return cost;
  }

  #unionOf(parts: readonly Node[]): Range {
    const [first, ...others] = parts.map((part) => this.#size(part) ?? unknown);
    return first ? others.reduce(union, first) : nothing;
  }

  #call(node: Node): Range {
    const { name, target, args } = this.#partsOf(node);
    const costs = args.map((argument) => this.cost(argument));
    if (name === 'dyn' && args[0]) {
      this.#copy(node, args[0]);
      return plus(one, ...costs);
    }
    const operands = args.map((argument) => this.#operand(argument));
    const ofTarget = target ? this.cost(target) : nothing;
    const call: Call = { target: target && this.#operand(target), args: operands };
    const { cost, size } = this.#callCost(node, name, call, costs);
    const known = this.#trackIndex(node) ?? size ?? this.#size(node);
    if (known) this.#sizes.set(node, known);
    if (name === '+') this.#keepEntries(node, args);
    if (node.op === '?:') this.#keepEntries(node, args.slice(1));
    return plus(ofTarget, cost);
  }

  #callCost(node: Node, name: string, call: Call, costs: readonly Range[]): CallCost {
    const [first, second, third] = costs;
    if (node.op === '?:') {
      const [, yes, no] = call.args;
      return { cost: plus(first!, union(second!, third!)), size: union(yes!.size ?? unknown, no!.size ?? unknown) };
    }
    // The right side may not be needed.
    if (node.op === '&&' || node.op === '||') return { cost: { min: first!.min, max: plus(first!, second!).max } };
    const rule = node.op === 'call' || node.op === 'rcall' ? undefined : operatorRules[node.op];
    const own = rule ? rule(call)! : callCost(name, call);
    return { ...own, cost: plus(own.cost, ...costs) };
  }

  #keepEntries(node: Node, [left, right]: readonly Node[]): void {
    const [a, b] = [this.#entrySizes(left!), this.#entrySizes(right!)];
    if (a && b) this.#entries.set(node, { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) });
  }

  /** What is taken from a list or map has a path, and a size if the expression built it. */
  #trackIndex(node: Node): Range | undefined {
    if (node.op !== '[]') return undefined;
    const [container] = node.args;
    const { kind } = this.#checked.typeOf(container);
    if (kind !== 'list' && kind !== 'map' && kind !== 'dyn') return undefined;
    this.#paths.set(node, Path.below(this.#path(container), kind === 'list' ? '@items' : '@values'));
    return this.#entrySizes(container)?.value;
  }

  #partsOf(node: Node): { name: string; target?: Node | undefined; args: readonly Node[] } {
    switch (node.op) {
      case 'call':
        return { name: node.args[0], args: node.args[1] };
      case 'rcall': {
        const [name, target, args] = node.args;
        const full = this.#checked.nameOf(node);
        return full === undefined ? { name, target, args } : { name: full, args };
      }
      case '.?':
        return { name: node.op, args: [node.args[0]] };
      case '!_':
      case '-_':
        return { name: node.op, args: [node.args] };
      default:
        return { name: node.op, args: node.args as readonly Node[] };
    }
  }

  #operand(node: Node): Operand {
    const path = this.#path(node);
    const shown = path?.steps[0] === accumulator ? undefined : path;
    return {
      type: this.#checked.typeOf(node),
      size: this.#size(node),
      literal: node.op === 'value' ? node.args : undefined,
      itemSize: () => (shown && this.#reached(Path.below(shown, '@items'))) ?? unknown,
    };
  }

  /** The size of a part: what was computed, what it says itself, or what its path or type tells. */
  #size(node: Node): Range | undefined {
    const known = this.#sizes.get(node) ?? sizeOfLiteral(node);
    if (known) return known;
    const reached = this.#reached(this.#path(node));
    if (reached) {
      this.#sizes.set(node, reached);
      return reached;
    }
    return isScalar(this.#checked.typeOf(node)) ? one : this.#local(node)?.size;
  }

  #entrySizes(node: Node): EntrySizes | undefined {
    return this.#entries.get(node) ?? this.#local(node)?.entries;
  }

  /** How many elements a path leads to at most; a path is followed from the root after its first step. */
  #reached(path: Path | undefined): Range | undefined {
    if (path === undefined) return undefined;
    let at: CelDeclaration | undefined = this.#root;
    for (const step of path.steps.slice(1)) {
      if (step === '@keys') at = at.kind === 'map' ? longestKey : undefined;
      else at = step === '@items' || step === '@values' ? elementOf(at) : at.fields?.get(step);
      if (at === undefined) return undefined;
    }
    return { min: 0, max: at.maxElements };
  }

  /** Estimates with names for values. */
  #within<T>(locals: readonly (readonly [string, LocalVariable])[], run: () => T): T {
    for (const [name, local] of locals) this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
    const result = run();
    for (const [name] of locals) this.#locals.get(name)!.pop();
    return result;
  }

  #variableFor(value: Node): LocalVariable {
    return { path: this.#path(value), size: this.#size(value), entries: this.#entrySizes(value) };
  }

  /** The value of a name is worked out once, and the body is the result. */
  #binding(node: Node, { range, init, accumulator: name, result }: Loop): Range {
    const cost = plus(this.cost(range), this.cost(init));
    const body = this.#within([[name, this.#variableFor(init)]], () => {
      const own = this.cost(result);
      this.#copy(node, result);
      return own;
    });
    return plus(cost, body);
  }

  #loop(node: Node, { range, init, accumulator: name, condition, step, result, ...names }: Loop): Range {
    const before = plus(this.cost(range), this.cost(init));
    return this.#within([[name, this.#variableFor(init)]], () => {
      const each = this.#within(this.#iterated(range, names), () => plus(this.cost(condition), this.cost(step)));
      const after = this.cost(result);
      // A size that only a path tells is asked for when the body is done, which can have changed the path.
      const count = this.#size(range) ?? unknown;
      if (init.op === 'list' || init.op === 'map') {
        this.#sizes.set(node, count);
        const entries = this.#entrySizes(step);
        if (entries) this.#entries.set(node, entries);
      } else {
        this.#sizes.set(node, this.#size(init)!);
      }
      return plus(before, after, times(count, each));
    });
  }

  #iterated(range: Node, { variable, second }: Pick<Loop, 'variable' | 'second'>): [string, LocalVariable][] {
    const built = this.#entrySizes(range);
    const isList = (built?.kind ?? this.#checked.typeOf(range).kind) === 'list';
    const path = this.#path(range);
    const local = (step: string, size: Range | undefined): LocalVariable => ({
      path: Path.below(path, step),
      size,
      entries: undefined,
    });
    const value = (): LocalVariable => local(isList ? '@items' : '@values', built?.value);
    if (second !== undefined)
      return [
        [variable, local(isList ? '@indices' : '@keys', built?.key)],
        [second, value()],
      ];
    return [[variable, isList ? value() : local('@keys', built?.key)]];
  }
}

/** Keys of maps are strings that no schema bounds. */
const longestKey: CelDeclaration = { kind: 'string', maxElements: 0 };

function elementOf({ kind, element }: CelDeclaration): CelDeclaration | undefined {
  return kind === 'list' || kind === 'map' ? element : undefined;
}

function isBinding({ range, condition, accumulator: name }: Loop): boolean {
  const isEmpty = range.op === 'list' && range.args.length === 0;
  return isEmpty && condition.op === 'value' && condition.args === false && name !== '__result__';
}

function sizeOfLiteral(node: Node): Range | undefined {
  if (node.op === 'list' || node.op === 'map') return fixed(node.args.length);
  if (node.op !== 'value') return undefined;
  if (typeof node.args === 'string') return fixed([...node.args].length);
  return fixed(node.args instanceof Uint8Array ? node.args.length : 1);
}
