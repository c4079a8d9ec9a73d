import { rejoin } from './byte-text.ts';
import { compilePipe } from './evaluate.ts';
import { nodeText } from './node-text.ts';
import type { Action, Branch, List, Node, Pipe, TemplateCall, Tree } from './nodes.ts';
import { printValue } from './print.ts';
import { quote } from './quote.ts';
import { type CompiledTree, type Scope, State, type Step } from './state.ts';
import { isStackOverflow, TemplateError } from './template-error.ts';
import { GoInt, GoStruct, holdsInterfaces, isGoMap, isTrue, kindOf, sortedKeys, typeNameOf } from './values.ts';

const breaking = Symbol('break');
const continuing = Symbol('continue');
type Signal = symbol | undefined;

/** A tree that turns into closures when it first runs; what that costs is paid once, however often it runs. */
export function compileTree(tree: Tree): CompiledTree {
  return { tree, run: undefined };
}

/** Runs a compiled template. */
export function runTemplate(template: CompiledTree, scope: Scope, data: unknown): string {
  template.run ??= compileList(template.tree.root);
  const { tree, run } = template;
  const state = new State(scope, tree, data);
  enter(state, () => run(state, data));
  return rejoin(state.output.join(''));
}

function enter(state: State, body: () => void): void {
  const { budget } = state.scope;
  if (++budget.depth > budget.maxDepth) state.fail(`exceeded maximum template depth (${budget.maxDepth})`);
  try {
    body();
  } catch (error) {
    if (isStackOverflow(error)) state.fail('templates call each other too deeply');
    throw error;
  } finally {
    budget.depth--;
  }
}

/** Branches are compiled when they are first taken: of a chart's many most never are. */
function compileLater(list: List): Step {
  let run: Step | undefined;
  return (state, dot) => {
    run ??= compileList(list);
    return run(state, dot);
  };
}

function compileList(list: List): Step {
  const steps = list.nodes.map(compileNode);
  return (state, dot) => {
    for (const step of steps) {
      const signal = step(state, dot);
      if (signal !== undefined) return signal;
    }
    return undefined;
  };
}

function compileNode(node: Node): Step {
  switch (node.type) {
    case 'text':
      return (state) => {
        state.enter(node);
        state.write(node.text);
        return undefined;
      };
    case 'action':
      return compileAction(node);
    case 'break':
    case 'continue': {
      const signal = node.type === 'break' ? breaking : continuing;
      return () => signal;
    }
    case 'if':
    case 'with':
      return compileIfOrWith(node);
    case 'range':
      return compileRange(node);
    case 'template':
      return compileTemplateCall(node);
    default:
      throw new TemplateError(`template: unexpected ${nodeText(node)}`);
  }
}

function compileAction(node: Action): Step {
  const evaluate = compilePipe(node.pipe);
  const prints = node.pipe.declared.length === 0;
  return (state, dot) => {
    state.enter(node);
    const value = evaluate(state, dot);
    if (!prints) return undefined;
    state.node = node;
    if (kindOf(value) === 'func') state.fail(`can't print ${nodeText(node)} of type ${typeNameOf(value)}`);
    state.write(typeof value === 'string' ? value : printResult(state, value));
    return undefined;
  };
}

function printResult(state: State, value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (value instanceof GoStruct && value.printText !== undefined) return value.printText();
  try {
    return printValue(value);
  } catch (error) {
    return state.fail(error instanceof Error ? error.message : String(error), error);
  }
}

function compileIfOrWith(node: Branch): Step {
  const evaluate = compilePipe(node.pipe);
  const then = compileLater(node.list);
  const otherwise = node.elseList === undefined ? undefined : compileLater(node.elseList);
  const isWith = node.type === 'with';
  return (state, dot) => {
    state.enter(node);
    state.step();
    const mark = state.bindings.length;
    const value = evaluate(state, dot);
    let signal: Signal;
    if (!isTrue(value)) signal = otherwise?.(state, dot);
    else if (isWith) signal = withDot(state, value, false, then);
    else signal = then(state, dot);
    state.bindings.length = mark;
    return signal;
  };
}

function withDot(state: State, dot: unknown, behindInterface: boolean, body: Step): Signal {
  const before = state.dotBehindInterface;
  state.dotBehindInterface = behindInterface;
  const signal = body(state, dot);
  state.dotBehindInterface = before;
  return signal;
}

function compileRange(node: Branch): Step {
  const evaluate = compilePipe(node.pipe);
  const body = compileLater(node.list);
  const otherwise = node.elseList === undefined ? undefined : compileLater(node.elseList);
  const bind = compileRangeVariables(node.pipe);
  return (state, dot) => {
    state.enter(node);
    const mark = state.bindings.length;
    const value = evaluate(state, dot);
    const behindInterface = holdsInterfaces(value);
    const inner = state.bindings.length;
    let signal: Signal;
    const ran = eachElement(state, node.pipe, value, (index, element) => {
      state.step();
      bind(state, index, element, behindInterface);
      signal = withDot(state, element, behindInterface, body);
      state.bindings.length = inner;
      return signal !== breaking;
    });
    if (!ran) signal = otherwise?.(state, dot);
    state.bindings.length = mark;
    return ran ? undefined : signal;
  };
}

function compileRangeVariables({
  declared,
  isAssign,
}: Pipe): (state: State, index: unknown, element: unknown, behindInterface: boolean) => void {
  const [first, second] = declared;
  return (state, index, element, behindInterface) => {
    if (first === undefined) return;
    const own = (offset: number) => state.bindings[state.bindings.length - offset]!;
    const elementBinding = isAssign ? state.binding((second ?? first).names[0]!) : own(1);
    elementBinding.value = element;
    elementBinding.behindInterface = behindInterface;
    if (second === undefined) return;
    const indexBinding = isAssign ? state.binding(first.names[0]!) : own(2);
    indexBinding.value = typeof index === 'number' ? new GoInt(index) : index;
    indexBinding.behindInterface = false;
  };
}

type Visit = (index: unknown, element: unknown) => boolean;

/** Visits elements in Go's order until told to stop; false when there are none. Indexes of slices are plain numbers. */
function eachElement(state: State, pipe: Pipe, value: unknown, visit: Visit): boolean {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) if (!visit(index, value[index] ?? null)) break;
    return value.length > 0;
  }
  if (value instanceof GoInt) {
    if (pipe.declared.length > 1) state.fail(`can't use ${value.value} to iterate over more than one variable`);
    for (let index = 0n; index < value.value; index++) {
      if (!visit(undefined, new GoInt(index, value.kind, value.typeName))) break;
    }
    return value.value > 0n;
  }
  if (value instanceof Uint8Array) {
    for (const [index, byte] of value.entries()) if (!visit(index, new GoInt(byte, 'uint8'))) break;
    return value.length > 0;
  }
  if (isGoMap(value)) {
    const keys = sortedKeys(value);
    for (const key of keys) if (!visit(key, value[key] ?? null)) break;
    return keys.length > 0;
  }
  if (value !== undefined && value !== null) state.fail(`range can't iterate over ${printValue(value)}`);
  return false;
}

function compileTemplateCall(node: TemplateCall): Step {
  const evaluate = node.pipe === undefined ? undefined : compilePipe(node.pipe);
  return (state, dot) => {
    state.enter(node);
    state.step();
    const { budget, templates } = state.scope;
    const template = templates.get(node.name);
    if (template === undefined) return state.fail(`template ${quote(node.name)} not defined`);
    if (budget.depth >= budget.maxDepth) state.fail(`exceeded maximum template depth (${budget.maxDepth})`);
    state.output.push(runTemplate(template, state.scope, evaluate?.(state, dot)));
    return undefined;
  };
}
