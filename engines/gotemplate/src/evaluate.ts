import { builtins } from './builtins.ts';
import { nodeText } from './node-text.ts';
import type { AnyNode, Chain, Command, Operand, Pipe, Variable } from './nodes.ts';
import { quote } from './quote.ts';
import type { State } from './state.ts';
import { isStackOverflow } from './template-error.ts';
import {
  type GoFunction,
  GoInt,
  GoStruct,
  holdsInterfaces,
  isGoMap,
  isTrue,
  mapElement,
  methodOf,
  type ParameterType,
  parameterTypeName,
  typeNameOf,
} from './values.ts';

/** The value of a pipeline's earlier stage when there is none. */
const none = Symbol('no final argument');
export type Evaluate = (state: State, dot: unknown) => unknown;
type EvaluateCommand = (state: State, dot: unknown, final: unknown) => unknown;

/** A pipeline's value is concrete: a nil out of a collection becomes no value at all, which is safe to go below. */
export function compilePipe(pipe: Pipe): Evaluate {
  const compiled = pipe.compiled ?? compileCommands(pipe);
  pipe.compiled = compiled;
  return compiled as Evaluate;
}

function compileCommands(pipe: Pipe): Evaluate {
  const commands = pipe.commands.map(compileCommand);
  const [only] = commands;
  if (only !== undefined && commands.length === 1 && pipe.declared.length === 0) {
    return (state, dot) => {
      state.node = pipe;
      return only(state, dot, none) ?? undefined;
    };
  }
  const names = pipe.declared.map(({ names: [name = ''] }) => name);
  return (state, dot) => {
    state.node = pipe;
    let value: unknown = none;
    for (const command of commands) value = command(state, dot, value) ?? undefined;
    for (const name of names) {
      if (pipe.isAssign) {
        const binding = state.binding(name);
        binding.value = value;
        binding.behindInterface = false;
      } else state.bindings.push({ name, value, behindInterface: false });
    }
    return value;
  };
}

function compileCommand(command: Command): EvaluateCommand {
  const first = command.args[0]!;
  switch (first.type) {
    case 'field':
      return compileField(first, command.args);
    case 'chain':
      return compileChain(first, command.args);
    case 'identifier':
      return compileFunction(first, command, command.args);
    case 'variable':
      return compileVariable(first, command.args);
    case 'pipe': {
      const evaluate = compilePipe(first);
      return (state, dot, final) => {
        refuseArguments(state, command.args, final);
        return evaluate(state, dot);
      };
    }
    default: {
      const evaluate = compileConstant(first);
      return (state, dot, final) => {
        state.node = first;
        refuseArguments(state, command.args, final);
        return evaluate(state, dot);
      };
    }
  }
}

function refuseArguments(state: State, args: readonly Operand[], final: unknown): void {
  if (args.length > 1 || final !== none) state.fail(`can't give argument to non-function ${nodeText(args[0]!)}`);
}

function compileConstant(node: Operand): Evaluate {
  switch (node.type) {
    case 'bool':
      return () => node.value;
    case 'dot':
      return (_state, dot) => dot;
    case 'string':
      return () => node.value;
    case 'number': {
      const { text, number } = node;
      const isFloat =
        number.float !== undefined &&
        /[.eEpP]/.test(text) &&
        !text.startsWith("'") &&
        !(/^0[xX]/.test(text) && !/[pP]/.test(text));
      if (isFloat) return () => number.float;
      const value = number.integer === undefined ? undefined : new GoInt(number.integer);
      return (state) => {
        state.node = node;
        return value ?? state.fail(`${text} overflows int`);
      };
    }
    default:
      return (state) => state.fail('nil is not a command');
  }
}

function compileField(node: Operand & { type: 'field' }, args: readonly Operand[]): EvaluateCommand {
  const follow = compileNames(node, node.names, args);
  return (state, dot, final) => {
    state.node = node;
    return follow(state, dot, final, dot, state.dotBehindInterface);
  };
}

function compileVariable(node: Variable, args: readonly Operand[]): EvaluateCommand {
  const [name = '', ...names] = node.names;
  const follow = names.length === 0 ? undefined : compileNames(node, names, args);
  return (state, dot, final) => {
    state.node = node;
    const binding = state.binding(name);
    if (follow !== undefined) return follow(state, dot, final, binding.value, binding.behindInterface);
    if (args.length > 0 || final !== none) refuseArguments(state, args.length > 0 ? args : [node], final);
    return binding.value;
  };
}

function compileChain(node: Chain, args: readonly Operand[]): EvaluateCommand {
  const base = compileOperand(node.base);
  const follow = compileNames(node, node.names, args);
  return (state, dot, final) => {
    state.node = node;
    if (node.base.type === 'nil') state.fail(`indirection through explicit nil in ${nodeText(node)}`);
    return follow(state, dot, final, base(state, dot), false);
  };
}

type Follow = (state: State, dot: unknown, final: unknown, receiver: unknown, behindInterface: boolean) => unknown;

function compileNames(node: Operand, names: readonly string[], args: readonly Operand[]): Follow {
  // hardly any field is a method
  let compiled: Call | undefined;
  const call: Call = (state, dot, final, fun, name) => {
    compiled ??= compileCall(node, args);
    return compiled(state, dot, final, fun, name);
  };
  const last = names.length - 1;
  return (state, dot, final, receiver, behindInterface) => {
    let value = receiver;
    // What a value lies in tells whether it is behind an interface, which only messages need.
    let inside: unknown = behindInterface;
    for (let index = 0; index < last; index++) {
      const next = evaluateField(state, dot, names[index]!, value, inside, noCall, false, none);
      inside = value;
      value = next;
    }
    return evaluateField(state, dot, names[last]!, value, inside, call, args.length > 1, final);
  };
}

function evaluateField(
  state: State,
  dot: unknown,
  name: string,
  receiver: unknown,
  inside: unknown,
  call: Call,
  hasOperands: boolean,
  final: unknown,
): unknown {
  if (receiver === undefined) {
    if (state.scope.missingKey === 'error') state.fail(`nil data; no entry for key ${quote(name)}`);
    return undefined;
  }
  if (receiver === null) return state.fail(`nil pointer evaluating interface {}.${name}`);
  const method = methodOf(receiver, name);
  if (method !== undefined) return call(state, dot, final, method, name);
  const hasArguments = hasOperands || final !== none;
  if (receiver instanceof GoStruct && receiver.fields.has(name)) {
    if (!isExported(name)) state.fail(`${name} is an unexported field of struct type ${typeInside(inside, receiver)}`);
    if (hasArguments) state.fail(`${name} has arguments but cannot be invoked as function`);
    return receiver.fields.get(name);
  }
  if (isGoMap(receiver)) {
    if (hasArguments) state.fail(`${name} is not a method but has arguments`);
    if (state.scope.missingKey === 'error' && !Object.hasOwn(receiver, name))
      state.fail(`map has no entry for key ${quote(name)}`);
    return mapElement(receiver, name);
  }
  return state.fail(`can't evaluate field ${name} in type ${typeInside(inside, receiver)}`);
}

function isExported(name: string): boolean {
  const code = name.charCodeAt(0);
  return code < 128 ? code >= 0x41 && code <= 0x5a : /^\p{Lu}/u.test(name);
}

/** The type of a value as messages name it; `inside` is what it came out of, or whether that holds interfaces. */
function typeInside(inside: unknown, value: unknown): string {
  const isBehindInterface = typeof inside === 'boolean' ? inside : holdsInterfaces(inside);
  return isBehindInterface ? 'interface {}' : typeNameOf(value);
}

function compileFunction(
  node: Operand & { type: 'identifier' },
  command: Command | Operand,
  args: readonly Operand[],
): EvaluateCommand {
  const logical = node.name === 'and' || node.name === 'or' ? compileLogical(node.name, args) : undefined;
  // an `and` is called only where it is a function of the set's own; its operands are compiled already
  let call = logical === undefined ? compileCall(command, args) : undefined;
  return (state, dot, final) => {
    state.node = node;
    const own = state.scope.functions.get(node.name);
    const found = own ?? builtins.get(node.name);
    if (found === undefined) return state.fail(`${quote(node.name)} is not a defined function`);
    if (own === undefined && logical !== undefined) return logical(state, dot, final);
    call ??= compileCall(command, args);
    return call(state, dot, final, found, node.name);
  };
}

/** `and` and `or` evaluate no further than they need. */
function compileLogical(name: 'and' | 'or', args: readonly Operand[]): EvaluateCommand {
  const operands = args.slice(1).map((arg) => compileArgument(arg));
  return (state, dot, final) => {
    if (operands.length === 0 && final === none) state.fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: unknown;
    for (const operand of operands) {
      value = operand(state, dot, 'value');
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === none ? value : final;
  };
}

type Call = (state: State, dot: unknown, final: unknown, fun: GoFunction, name: string) => unknown;

const noCall: Call = compileCall({ type: 'dot', position: 0 }, []);

function compileCall(node: AnyNode, args: readonly Operand[]): Call {
  const operands = args.slice(1).map((arg) => compileArgument(arg));
  return (state, dot, final, fun, name) => {
    state.step();
    checkCount(state, fun, name, operands.length, final !== none);
    const values: unknown[] = [];
    for (let index = 0; index < operands.length; index++) {
      values.push(operands[index]!(state, dot, parameterAt(fun, index)));
    }
    if (final !== none) values.push(checkType(state, final, parameterAt(fun, values.length)));
    if (name === 'call' && fun === builtins.get('call'))
      values.unshift(args[1] === undefined ? calledName(final) : nodeText(args[1]));
    try {
      return state.checkSize(Reflect.apply(fun.call, undefined, values));
    } catch (error) {
      // A node of a noCall is never shown: methods in the middle of a chain report the chain.
      if (node.type !== 'dot') state.node = node;
      const message = error instanceof Error ? error.message : String(error);
      if (isStackOverflow(error)) throw error;
      return state.fail(`error calling ${name}: ${message}`, error);
    }
  };
}

/** A value of a pipeline as Go's reflection shows it. */
function calledName(value: unknown): string {
  return typeof value === 'string' ? value : `<${typeNameOf(value)} Value>`;
}

function checkCount(state: State, fun: GoFunction, name: string, count: number, hasFinal: boolean): void {
  const given = count + (hasFinal ? 1 : 0);
  if (fun.variadic) {
    const least = fun.in.length - 1;
    if (given < least) state.fail(`wrong number of args for ${name}: want at least ${least} got ${count}`);
  } else if (given !== fun.in.length) {
    state.fail(`wrong number of args for ${name}: want ${fun.in.length} got ${given}`);
  }
}

function parameterAt(fun: GoFunction, index: number): ParameterType {
  return fun.in[Math.min(index, fun.in.length - 1)] ?? 'any';
}

const nilable = new Set<ParameterType>(['any', 'value', 'map', 'list']);

function checkType(state: State, value: unknown, type: ParameterType): unknown {
  if (type === 'any' || type === 'value') return value ?? undefined;
  if (type === 'string' && typeof value === 'string') return value;
  if (value === undefined) {
    if (nilable.has(type)) return undefined;
    return state.fail(`invalid value; expected ${parameterTypeName(type)}`);
  }
  if (isAssignable(value, type)) return value;
  const name = value === null ? 'interface {}' : typeNameOf(value);
  return state.fail(`wrong type for value; expected ${parameterTypeName(type)}; got ${name}`);
}

function isAssignable(value: unknown, type: ParameterType): boolean {
  if (type === 'map') return isGoMap(value) && holdsInterfaces(value);
  if (type === 'list') return Array.isArray(value) && holdsInterfaces(value);
  return typeNameOf(value) === parameterTypeName(type);
}

type Argument = (state: State, dot: unknown, type: ParameterType) => unknown;

/** An operand as an argument of a parameter's type; constants take the type, everything else is checked. */
function compileArgument(node: Operand): Argument {
  switch (node.type) {
    case 'bool':
    case 'number':
    case 'string':
      return compileConstantArgument(node);
    case 'nil':
      return (state, _dot, type) => {
        state.node = node;
        if (!nilable.has(type)) state.fail(`cannot assign nil to ${parameterTypeName(type)}`);
        return undefined;
      };
    default: {
      const evaluate = compileOperand(node);
      return (state, dot, type) => {
        state.node = node;
        return checkType(state, evaluate(state, dot), type);
      };
    }
  }
}

function compileOperand(node: Operand): Evaluate {
  switch (node.type) {
    case 'field': {
      const evaluate = compileField(node, [node]);
      return (state, dot) => evaluate(state, dot, none);
    }
    case 'variable': {
      const evaluate = compileVariable(node, []);
      return (state, dot) => evaluate(state, dot, none);
    }
    case 'identifier': {
      const evaluate = compileFunction(node, node, []);
      return (state, dot) => evaluate(state, dot, none);
    }
    case 'chain': {
      const evaluate = compileChain(node, []);
      return (state, dot) => evaluate(state, dot, none);
    }
    case 'pipe':
      return compilePipe(node);
    default:
      return compileConstant(node);
  }
}

function compileConstantArgument(node: Operand & { type: 'bool' | 'number' | 'string' }): Argument {
  const constant = compileConstant(node);
  return (state, dot, type) => {
    state.node = node;
    switch (type) {
      case 'any':
      case 'value':
        return constant(state, dot);
      case 'bool':
        return node.type === 'bool' ? node.value : state.fail(`expected bool; found ${nodeText(node)}`);
      case 'string':
        return node.type === 'string' ? node.value : state.fail(`expected string; found ${nodeText(node)}`);
      case 'int':
      case 'int64':
        if (node.type === 'number' && node.number.integer !== undefined) return new GoInt(node.number.integer, type);
        return state.fail(`expected integer; found ${nodeText(node)}`);
      case 'uint32':
        if (node.type === 'number' && (node.number.integer ?? -1n) >= 0n) return constant(state, dot);
        return state.fail(`expected unsigned integer; found ${nodeText(node)}`);
      case 'float64':
        return (
          (node.type === 'number' ? node.number.float : undefined) ??
          state.fail(`expected float; found ${nodeText(node)}`)
        );
      default:
        return state.fail(`can't handle ${nodeText(node)} for arg of type ${parameterTypeName(type)}`);
    }
  };
}
