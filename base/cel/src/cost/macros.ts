import type { ASTNode } from '@marcbachmann/cel-js';
import { type CelDeclaration, dyn, listOf, simple } from './declaration.ts';
import type { Estimated, Estimating, LocalVariable } from './expression.ts';
import { Path } from './path.ts';
import { fixed, nothing, plus, type Range, times, union } from './range.ts';

const macros = new Map([
  ['all', [2]],
  ['exists', [2]],
  ['exists_one', [2]],
  ['existsOne', [2]],
  ['map', [2, 3]],
  ['filter', [2]],
  ['optMap', [2]],
  ['optFlatMap', [2]],
]);

/** Is this what CEL writes out as a loop or a binding? */
export function isMacro(name: string, args: readonly ASTNode[], isNamespace: boolean): boolean {
  if (isNamespace) return name === 'bind' && args.length === 3;
  return macros.get(name)?.includes(args.length) === true && args[0]?.op === 'id';
}

const accumulator = fixed(1);
const bool = simple('bool');

/** The cost of a macro is that of the loop which CEL makes of it. */
export function estimateMacro(
  estimator: Estimating,
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
): Estimated {
  const variable = String(args[0]?.args);
  const bodies = args.slice(1);
  if (name === 'bind') return estimateBind(estimator, variable, estimator.estimate(bodies[0]!), bodies[1]!);
  const range = estimator.estimate(receiver);
  if (name === 'optMap' || name === 'optFlatMap') return estimateOptional(estimator, name, variable, range, bodies[0]!);
  const isReached = receiver.op === 'id' || receiver.op === '.';
  return estimator.within(variable, itemOf(range), () =>
    estimateLoop(estimator, name, { range, bodies, variable, isReached }),
  );
}

/** The value of `name` is worked out once, and the body is the result. */
function estimateBind(estimator: Estimating, name: string, value: Estimated, body: ASTNode): Estimated {
  const { type, path, size, entries } = value;
  const result = estimator.within(name, { type, path, size, entries }, () => estimator.estimate(body));
  const cost = plus(fixed(10), value.cost, result.cost);
  return estimator.made(cost, result.type, { size: result.size, entries: result.entries });
}

function estimateOptional(
  estimator: Estimating,
  name: string,
  variable: string,
  value: Estimated,
  body: ASTNode,
): Estimated {
  const bound = estimateBind(estimator, variable, estimator.call('value', value, []), body);
  const present = name === 'optMap' ? estimator.call('optional.of', undefined, [bound]) : bound;
  const absent = estimator.made(fixed(1), present.type);
  return estimator.conditional(estimator.call('hasValue', value, []), present, absent);
}

/** The variable of a loop: items of lists, keys of maps. */
function itemOf(range: Estimated): LocalVariable {
  const kind = range.entries?.kind ?? range.type.kind;
  const isList = kind === 'list';
  const path = Path.below(range.path, isList ? '@items' : '@keys');
  const size = isList ? range.entries?.value : range.entries?.key;
  const keys: CelDeclaration = range.type.kind === 'map' ? simple('string') : dyn;
  return { type: isList ? (range.type.element ?? dyn) : keys, path, size, entries: undefined };
}

interface Loop {
  readonly range: Estimated;
  readonly bodies: readonly ASTNode[];
  readonly variable: string;
  /** The range is a name or a member, whose size is looked up when the body is done. */
  readonly isReached: boolean;
}

function estimateLoop(estimator: Estimating, name: string, loop: Loop): Estimated {
  const { range, bodies, isReached } = loop;
  const [body] = bodies;
  const predicate = estimator.estimate(body!);
  const around = (before: Range, step: Range, after: Range) =>
    plus(range.cost, before, after, times(estimator.sizeAfter(range, isReached), step));
  switch (name) {
    case 'all':
    case 'exists': {
      // Whether to go on is asked with the result so far, which `exists` negates.
      const question = fixed(name === 'all' ? 2 : 3);
      const step = { min: accumulator.min, max: plus(accumulator, predicate.cost).max };
      return estimator.made(around(nothing, plus(question, step), accumulator), bool, { size: fixed(1) });
    }
    case 'exists_one':
    case 'existsOne': {
      const step = plus(predicate.cost, union(fixed(2), accumulator));
      return estimator.made(around(nothing, step, fixed(2)), bool, { size: fixed(1) });
    }
    default:
      return estimateCollection(estimator, name, loop, predicate, around);
  }
}

/** `map` and `filter` add lists of one item to a list. */
function estimateCollection(
  estimator: Estimating,
  name: string,
  { range, bodies, variable, isReached }: Loop,
  first: Estimated,
  around: (before: Range, step: Range, after: Range) => Range,
): Estimated {
  const isFiltered = name === 'filter' || bodies.length === 2;
  const item =
    name === 'filter' ? estimator.estimate(idNode(variable)) : bodies[1] ? estimator.estimate(bodies[1]) : first;
  const empty = estimator.listOf([]);
  const collected = { ...empty, cost: accumulator, size: undefined };
  const added = estimator.sum(collected, estimator.listOf([item]));
  const step = isFiltered ? estimator.conditional(first, added, collected) : added;
  return estimator.made(around(empty.cost, step.cost, accumulator), listOf(item.type), {
    size: estimator.sizeAfter(range, isReached),
    entries: step.entries,
  });
}

function idNode(name: string): ASTNode {
  return { op: 'id', args: name } as ASTNode;
}
