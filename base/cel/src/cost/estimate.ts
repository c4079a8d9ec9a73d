import type { ASTNode } from '@marcbachmann/cel-js';
import type { Call } from './call.ts';
import { callCost, sizeOf } from './calls.ts';
import { type CelDeclaration, dyn, isScalar, listOf, optionalOf, simple } from './declaration.ts';
import type { EntrySizes, Estimated, Estimating, LocalVariable } from './expression.ts';
import { estimateMacro, isMacro } from './macros.ts';
import { equalityCost, membershipCost, orderCost, sumOf } from './operators.ts';
import { Path } from './path.ts';
import { fixed, nothing, plus, type Range, union, unlimited } from './range.ts';
import { resultType } from './result-types.ts';

/** Functions that live in a namespace, not on a value. */
const namespaces = new Set([
  'sets',
  'lists',
  'cel',
  'optional',
  'base64',
  'math',
  'strings',
  'format',
  'ip',
  'jsonpatch',
]);
const noSize: Range = { min: unlimited, max: 0 };

/**
 * Estimates what the evaluation of an expression costs at most, as cel-go does for an API server that has to decide
 * whether to accept a rule before it knows the values.
 */
export class Estimator implements Estimating {
  readonly #variables: ReadonlyMap<string, CelDeclaration>;
  /** Sizes are looked up from here, whichever variable a path begins with. */
  readonly #root: CelDeclaration;
  readonly #locals = new Map<string, LocalVariable[]>();

  constructor(variables: ReadonlyMap<string, CelDeclaration>, root: CelDeclaration) {
    this.#variables = variables;
    this.#root = root;
  }

  estimate(node: ASTNode): Estimated {
    switch (node.op) {
      case 'value':
        return this.#literal(node.args);
      case 'id':
        return this.#name(node.args);
      case '.':
        return this.#member(this.estimate(node.args[0]), node.args[1]);
      case '.?':
        return this.#optionalMember(this.estimate(node.args[0]), node.args[1]);
      case '[]':
        return this.#item(node.args);
      case '[?]': {
        const [list, key] = this.#all(node.args);
        const type = optionalOf(unwrapped(list!.type).element ?? dyn);
        return this.made(plus(list!.cost, key!.cost, fixed(1)), type);
      }
      case 'call':
        return this.#call(node.args[0], undefined, node.args[1]);
      case 'rcall':
        return this.#memberCall(...node.args);
      case 'list':
        return this.listOf(this.#all(node.args));
      case 'map':
        return this.#map(node.args.map(([key, value]) => [this.estimate(key), this.estimate(value)]));
      case '?:': {
        const [condition, yes, no] = this.#all(node.args);
        return this.conditional(condition!, yes!, no!);
      }
      case '||':
      case '&&': {
        const [left, right] = this.#all(node.args);
        return this.logical(left!, right!);
      }
      case '!_':
        return this.made(plus(this.estimate(node.args).cost, fixed(1)), simple('bool'));
      case '-_': {
        const operand = this.estimate(node.args);
        return this.made(plus(operand.cost, fixed(1)), operand.type);
      }
      default:
        return this.#binary(node.op, this.estimate(node.args[0]), this.estimate(node.args[1]));
    }
  }

  /** Estimates with a name for a value. */
  within<T>(name: string, local: LocalVariable, run: () => T): T {
    const stack = this.#locals.get(name) ?? [];
    this.#locals.set(name, stack);
    stack.push(local);
    const result = run();
    stack.pop();
    return result;
  }

  /** A computed value: its size is what was computed, or what its path or type tells. */
  made(
    cost: Range,
    type: CelDeclaration,
    parts: { path?: Path | undefined; size?: Range | undefined; entries?: EntrySizes | undefined } = {},
  ): Estimated {
    const { path, entries } = parts;
    const size = parts.size ?? this.#reached(path) ?? (isScalar(type) ? fixed(1) : undefined);
    return { cost, type, path, size, entries };
  }

  conditional(condition: Estimated, yes: Estimated, no: Estimated): Estimated {
    const cost = plus(condition.cost, union(yes.cost, no.cost));
    const isOpen = yes.type.kind === 'dyn' || yes.type.kind === 'null';
    const entries = unionOf(yes.entries, no.entries);
    return this.made(cost, isOpen ? no.type : yes.type, { size: union(sizeOf(yes), sizeOf(no)), entries });
  }

  /** The right side may not be needed. */
  logical(left: Estimated, right: Estimated): Estimated {
    return this.made({ min: left.cost.min, max: plus(left.cost, right.cost).max }, simple('bool'));
  }

  sum(left: Estimated, right: Estimated): Estimated {
    const { cost, size, type } = sumOf(left, right);
    return this.made(plus(cost, left.cost, right.cost), type, { size, entries: unionOf(left.entries, right.entries) });
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

  /** The size of what a loop has run over. */
  sizeAfter(range: Estimated, isReached: boolean): Range {
    return (isReached ? this.#reached(range.path) : undefined) ?? sizeOf(range);
  }

  #all(nodes: readonly ASTNode[]): Estimated[] {
    return nodes.map((node) => this.estimate(node));
  }

  #literal(value: unknown): Estimated {
    const [type, size] = literalType(value);
    return {
      cost: nothing,
      type: simple(type),
      path: undefined,
      size: fixed(size),
      entries: undefined,
      literal: value,
    };
  }

  #name(name: string): Estimated {
    const local = this.#locals.get(name)?.at(-1);
    if (!local) return this.made(fixed(1), this.#variables.get(name) ?? dyn, { path: Path.of(name) });
    const { type, path, entries } = local;
    const size = this.#reached(path) ?? (isScalar(type) ? fixed(1) : local.size);
    return { cost: fixed(1), type, path, size, entries };
  }

  #member(object: Estimated, name: string): Estimated {
    const { kind } = object.type;
    const cost = kind === 'map' || kind === 'object' ? plus(object.cost, fixed(1)) : object.cost;
    const inner = unwrapped(object.type);
    const type = inner.fields?.get(name) ?? (inner.kind === 'map' ? inner.element : undefined) ?? dyn;
    const path = Path.below(object.path, name);
    return this.made(cost, kind === 'optional' ? optionalOf(type) : type, { path });
  }

  #optionalMember(object: Estimated, name: string): Estimated {
    const inner = unwrapped(object.type);
    const type = inner.fields?.get(name) ?? inner.element ?? dyn;
    return this.made(plus(object.cost, fixed(1)), optionalOf(type));
  }

  #item(args: readonly [ASTNode, ASTNode]): Estimated {
    const [list, key] = this.#all(args);
    const step = list!.type.kind === 'list' ? '@items' : '@values';
    const path = Path.below(list!.path, step);
    const size = list!.entries?.value;
    return this.made(plus(list!.cost, key!.cost, fixed(1)), list!.type.element ?? dyn, { path, size });
  }

  #memberCall(name: string, receiver: ASTNode, args: readonly ASTNode[]): Estimated {
    const isNamespace =
      receiver.op === 'id' && namespaces.has(receiver.args) && !this.#locals.get(receiver.args)?.length;
    if (isMacro(name, args, isNamespace)) return estimateMacro(this, name, receiver, args);
    if (isNamespace) return this.#call(`${receiver.args}.${name}`, undefined, args);
    return this.#call(name, this.estimate(receiver), args);
  }

  #call(name: string, target: Estimated | undefined, nodes: readonly ASTNode[]): Estimated {
    if (name === 'has') return this.#presence(nodes[0]);
    const args = this.#all(nodes);
    if (name === 'dyn' && args[0]) {
      const { cost, size, entries } = args[0];
      return this.made(plus(cost, fixed(1)), dyn, { size, entries });
    }
    return this.call(name, target, args);
  }

  call(name: string, target: Estimated | undefined, args: readonly Estimated[]): Estimated {
    const call: Call = { target, args, itemSize: (list) => this.#itemSize(list) };
    const { cost, size } = callCost(name, call);
    const own = plus(cost, target?.cost ?? nothing, ...args.map((argument) => argument.cost));
    const type = resultType(
      name,
      target?.type,
      args.map((argument) => argument.type),
    );
    return this.made(own, type, { size });
  }

  #itemSize({ path }: Estimated): Range {
    return (path && this.#reached(Path.below(path, '@items'))) ?? { min: 0, max: unlimited };
  }

  /** Asking for a member costs what leads to it. */
  #presence(tested: ASTNode | undefined): Estimated {
    const cost = tested?.op === '.' || tested?.op === '.?' ? this.estimate(tested.args[0]).cost : nothing;
    return this.made(cost, simple('bool'));
  }

  listOf(items: readonly Estimated[]): Estimated {
    const cost = plus(...items.map((item) => item.cost), fixed(10));
    const value = items.length === 0 ? nothing : items.map(sizeOf).reduce(union, noSize);
    return {
      cost,
      type: listOf(commonType(items)),
      path: undefined,
      size: fixed(items.length),
      entries: { kind: 'list', key: fixed(1), value },
    };
  }

  #map(pairs: readonly (readonly [Estimated, Estimated])[]): Estimated {
    const all = (index: 0 | 1) =>
      pairs.length === 0 ? nothing : pairs.map((pair) => sizeOf(pair[index])).reduce(union, noSize);
    return {
      cost: plus(...pairs.flat().map((part) => part.cost), fixed(30)),
      type: { kind: 'map', maxElements: 0, element: commonType(pairs.map(([, value]) => value)) },
      path: undefined,
      size: fixed(pairs.length),
      entries: { kind: 'map', key: all(0), value: all(1) },
    };
  }

  #binary(op: string, left: Estimated, right: Estimated): Estimated {
    const args = plus(left.cost, right.cost);
    if (op === '==' || op === '!=') return this.made(plus(equalityCost(left, right), args), simple('bool'));
    if (op === 'in') return this.made(plus(membershipCost(right), args), simple('bool'));
    if (op === '+') return this.sum(left, right);
    if (/^[<>]/.test(op)) return this.made(plus(orderCost(left, right), args), simple('bool'));
    return this.made(plus(args, fixed(1)), left.type.kind === 'dyn' ? right.type : left.type);
  }
}

/** Keys of maps are strings that no schema bounds. */
const longestKey: CelDeclaration = { kind: 'string', maxElements: 0 };

function elementOf({ kind, element }: CelDeclaration): CelDeclaration | undefined {
  return kind === 'list' || kind === 'map' ? element : undefined;
}

function unwrapped(type: CelDeclaration): CelDeclaration {
  return type.kind === 'optional' ? (type.element ?? dyn) : type;
}

function unionOf(a: EntrySizes | undefined, b: EntrySizes | undefined): EntrySizes | undefined {
  return a && b && { kind: a.kind, key: union(a.key, b.key), value: union(a.value, b.value) };
}

function commonType(items: readonly Estimated[]): CelDeclaration {
  const [first, ...others] = items;
  if (!first || others.some(({ type }) => type.kind !== first.type.kind)) return dyn;
  return first.type;
}

function literalType(value: unknown): ['string' | 'bytes' | 'int' | 'uint' | 'double' | 'bool' | 'null', number] {
  if (typeof value === 'string') return ['string', [...value].length];
  if (value instanceof Uint8Array) return ['bytes', value.length];
  if (typeof value === 'bigint') return ['int', 1];
  if (typeof value === 'number') return ['double', 1];
  if (typeof value === 'boolean') return ['bool', 1];
  return [value === null ? 'null' : 'uint', 1];
}
