import type { ASTNode } from '@marcbachmann/cel-js';
import { CelError } from '../cel-error.ts';
import { runtimeCallCost } from './runtime-calls.ts';

/** An evaluation cost more than it may. */
export class CelCostError extends CelError {}

/** Counts what evaluations cost, in the units of cel-go, and ends one that costs more than `limit`. */
export class CelMeter {
  readonly limit: number;
  #spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get spent(): number {
    return this.#spent;
  }

  spend(cost: number): void {
    this.#spent += cost;
    this.check();
  }

  /** Throws `CelCostError` when the limit is exceeded; logical operators pass over what a part of them throws. */
  check(): void {
    if (this.#spent > this.limit) throw new CelCostError('operation cancelled: actual cost limit exceeded');
  }
}

let current: CelMeter | undefined;

/** Runs an evaluation whose metered parts count on this meter. */
export function metered<T>(meter: CelMeter, run: () => T): T {
  const outer = current;
  current = meter;
  try {
    const result = run();
    meter.check();
    return result;
  } finally {
    current = outer;
  }
}

type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;
type Handle = (...args: unknown[]) => unknown;

/** What the library keeps with a node beside its documented members. */
interface EngineNode {
  readonly op: string;
  readonly args: unknown;
  handle?: Handle;
  readonly meta: { evaluate: Evaluate; alternate?: EngineNode; macro?: EngineMacro };
  setMeta(key: 'evaluate', value: Evaluate): unknown;
}

interface EngineMacro {
  evaluate: Evaluate;
  /** Of `has`: the chain of members from the last to the variable. */
  macroHasProps?: EngineNode[];
  /** Of `cel.bind`. */
  val?: EngineNode;
  exp?: EngineNode;
}

interface Comprehension {
  readonly kind?: string;
  readonly iterable: EngineNode;
  readonly init: EngineNode;
  readonly step: EngineNode;
}

/** What a node costs each time it is evaluated, beside what is in it. */
const nodeCosts: Readonly<Record<string, number>> = {
  id: 1,
  '.': 1,
  '.?': 1,
  '[]': 1,
  '[?]': 1,
  list: 10,
  map: 30,
  '!_': 1,
  '-_': 1,
  accuValue: 1,
  accuInc: 2,
  accuPush: 12,
};

/** Makes every part of a checked expression count on the meter of its evaluation. */
export function meterNodes(root: ASTNode): void {
  if (isEngineNode(root)) instrument(root);
}

function isEngineNode(value: unknown): value is EngineNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'meta' in value && 'setMeta' in value;
}

function instrument(node: EngineNode): void {
  const { alternate, macro } = node.meta;
  if (alternate) instrument(alternate);
  else if (macro) instrumentMacro(macro);
  else if (node.op === 'comprehension') instrumentLoop(node.args as Comprehension, node);
  else {
    instrumentAll(node.args);
    charge(node, nodeCosts[node.op] ?? 0);
    if (node.handle) instrumentCall(node, node.handle);
  }
}

function instrumentAll(args: unknown): void {
  if (Array.isArray(args)) for (const item of args) instrumentAll(item);
  else if (isEngineNode(args)) instrument(args);
}

function charge(node: EngineNode, cost: number): void {
  if (cost === 0) return;
  const { evaluate } = node.meta;
  node.setMeta('evaluate', (evaluator, self, context) => {
    current?.spend(cost);
    return evaluate(evaluator, self, context);
  });
}

function instrumentMacro(macro: EngineMacro): void {
  const { macroHasProps: chain, val, exp, evaluate } = macro;
  const variable = chain?.at(-1);
  for (const node of [variable, val, exp]) if (node) instrument(node);
  // Asking for the last member is free, binding costs as much as the list that cel-go makes of it.
  const cost = chain ? Math.max(0, chain.length - 2) : 10;
  macro.evaluate = (evaluator, self, context) => {
    current?.spend(cost);
    return evaluate(evaluator, self, context);
  };
}

/** Each round asks whether to go on and joins the result so far with that of the body; the end reads it once more. */
function instrumentLoop({ kind, iterable, init, step }: Comprehension, node: EngineNode): void {
  instrument(iterable);
  instrument(init);
  instrument(step);
  const round = init.args === true ? 3 : init.args === false ? 4 : 0;
  if (kind === 'quantifier') charge(step, round);
  charge(node, kind === 'quantifier' && round === 0 ? 2 : 1);
}

const counted = new Set(['==', '!=', 'in', '+', '-', '*', '/', '%', '<', '<=', '>', '>=']);

function instrumentCall(node: EngineNode, handle: Handle): void {
  const isCall = node.op === 'call' || node.op === 'rcall';
  if (!isCall && !counted.has(node.op)) return;
  const name = isCall && Array.isArray(node.args) ? String(node.args[0]) : node.op;
  node.handle = (...args) => {
    const result = handle(...args);
    if (current) current.spend(runtimeCallCost(name, isCall ? (args[0] as unknown[]) : args.slice(0, 2), result));
    return result;
  };
}
