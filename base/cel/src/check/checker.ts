import type { Issues } from '../syntax/issues.ts';
import { CelUnsigned, type FieldNode, type Literal, type Node, type NodeOf } from '../syntax/node.ts';
import { absentTypes, type Overload, overloadsOf, typeNamed } from './functions.ts';
import { objectTypeNamed } from './object-types.ts';
import { mostGeneral, Substitutions } from './substitutions.ts';
import {
  type CelType,
  isDynOrError,
  isOptional,
  isSameType,
  listType,
  mapType,
  optionalType,
  showType,
  types,
  typeType,
  unwrapped,
} from './type.ts';

export interface CheckOptions {
  /** Objects and JSON patches can be constructed, as in mutations. */
  readonly withPatches: boolean;
}

/** Finds the types of all parts of an expression as cel-go does, and reports where they do not fit. */
export class Checker {
  readonly #issues: Issues;
  readonly #variables: ReadonlyMap<string, CelType>;
  readonly #locals = new Map<string, CelType[]>();
  readonly #types = new Map<Node, CelType>();
  readonly #names = new Map<Node, string>();
  readonly #used = new Set<string>();
  readonly #substitutions = new Substitutions();
  readonly #withPatches: boolean;

  constructor(issues: Issues, variables: ReadonlyMap<string, CelType>, { withPatches }: CheckOptions) {
    this.#issues = issues;
    this.#variables = variables;
    this.#withPatches = withPatches;
  }

  /** Names of declared variables and types that the expression uses. */
  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** The type of a part that was checked. */
  typeOf(node: Node): CelType {
    return this.#substitutions.apply(this.#types.get(node) ?? types.dyn, true);
  }

  /** The name with dots that a member or call stands for: of a type, a variable or a function. */
  nameOf(node: Node): string | undefined {
    return this.#names.get(node);
  }

  check(node: Node): CelType {
    const type = this.#typeOf(node);
    this.#types.set(node, type);
    return type;
  }

  #typeOf(node: Node): CelType {
    if (node.expansion) return this.check(node.expansion);
    switch (node.op) {
      case 'value':
        return literalType(node.args);
      case 'id':
        return this.#name(node);
      case '.':
        return this.#member(node);
      case '.?':
        return optionalType(unwrapped(this.#field(node.at, node.args[0], node.args[1])));
      case 'has':
        this.#field(node.at, node.args[0], node.args[1]);
        return types.bool;
      case 'list':
        return this.#list(node);
      case 'map':
        return this.#map(node);
      case 'object':
        return this.#object(node);
      case 'loop':
        return this.#loop(node);
      default:
        return this.#call(node);
    }
  }

  #call(
    node: Exclude<Node, NodeOf<'value' | 'id' | '.' | '.?' | 'has' | 'list' | 'map' | 'object' | 'loop'>>,
  ): CelType {
    switch (node.op) {
      case 'call':
        return this.#function(node);
      case 'rcall':
        return this.#memberCall(node);
      case '&&':
      case '||':
        return this.#logical(node.args);
      case '!_':
      case '-_':
        return this.#operator(node, node.op, [node.args]);
      case '?:':
        return this.#operator(node, '_?_:_', node.args);
      case '[]':
        return this.#operator(node, '_[_]', node.args);
      case '[?]':
        return this.#operator(node, '_[?_]', node.args);
      case 'in':
        return this.#operator(node, '@in', node.args);
      default:
        return this.#operator(node, `_${node.op}_`, node.args);
    }
  }

  #operator({ at }: Node, name: string, args: readonly Node[]): CelType {
    const given = args.map((argument) => this.check(argument));
    return this.#resolve(at, name, this.#overloads(name)!, given, false);
  }

  #overloads(name: string): readonly Overload[] | undefined {
    return overloadsOf(name, this.#withPatches);
  }

  #logical(args: readonly [Node, Node]): CelType {
    let type: CelType = types.bool;
    const given = args.map((argument) => this.check(argument));
    for (const [index, argument] of args.entries()) {
      if (this.#substitutions.assign(given[index]!, types.bool)) continue;
      this.#mismatch(argument.at, types.bool, given[index]!);
      type = types.error;
    }
    return type;
  }

  #mismatch(at: number, expected: CelType, found: CelType): void {
    this.#issues.report(at, `expected type '${showType(expected)}' but found '${showType(found)}'`);
  }

  #undeclared(at: number, name: string): CelType {
    this.#issues.report(at, `undeclared reference to '${name}' (in container '')`);
    return types.error;
  }

  #name({ args: name, at }: NodeOf<'id'>): CelType {
    return this.#identifier(name) ?? this.#undeclared(at, name);
  }

  #identifier(written: string): CelType | undefined {
    const name = written.startsWith('.') ? written.slice(1) : written;
    const local = this.#locals.get(name)?.at(-1);
    if (local) this.#used.add(name);
    if (local) return local;
    const type = this.#variables.get(name);
    if (type === undefined) {
      const named = typeNamed(name) ?? (this.#withPatches ? objectTypeNamed(name) : undefined);
      if (named && absentTypes.has(name)) this.#used.add(name);
      return named && typeType(named);
    }
    this.#used.add(name);
    return type;
  }

  /** A member of a value, or a name with dots. */
  #member(node: NodeOf<'.'>): CelType {
    const qualified = qualifiedName(node);
    const identifier = qualified === undefined ? undefined : this.#identifier(qualified);
    if (!identifier) return this.#field(node.at, node.args[0], node.args[1]);
    this.#names.set(node, qualified!);
    return identifier;
  }

  #field(at: number, operand: Node, name: string): CelType {
    const given = this.#substitutions.apply(this.check(operand));
    const type = this.#substitutions.apply(this.#memberType(at, unwrapped(given), name));
    return isOptional(given) ? optionalType(type) : type;
  }

  #memberType(at: number, target: CelType, name: string): CelType {
    switch (target.kind) {
      case 'map':
        return target.parameters[1]!;
      case 'struct':
        return this.#structField(at, target, name) ?? types.error;
      case 'parameter':
        // What it is cannot be known any more, so that it is taken for anything.
        this.#substitutions.assign(types.dyn, target);
        return types.dyn;
      default:
        if (!isDynOrError(target)) {
          this.#issues.report(at, `type '${showType(target)}' does not support field selection`);
        }
        return types.dyn;
    }
  }

  #structField(at: number, type: CelType, name: string): CelType | undefined {
    const found = type.field?.(name);
    if (!found) this.#issues.report(at, `undefined field '${name}'`);
    return found;
  }

  #function({ args: [name, args], at }: NodeOf<'call'>): CelType {
    const given = args.map((argument) => this.check(argument));
    const known = name.startsWith('.') ? name.slice(1) : name;
    const overloads = this.#overloads(known);
    return overloads ? this.#resolve(at, known, overloads, given, false) : this.#undeclared(at, name);
  }

  /** A function of a namespace, or one that is called on a value. */
  #memberCall(node: NodeOf<'rcall'>): CelType {
    const [name, target, args] = node.args;
    const { at } = node;
    const given = args.map((argument) => this.check(argument));
    const qualified = qualifiedName(target);
    const full = `${qualified}.${name}`;
    const inNamespace = qualified === undefined ? undefined : this.#overloads(full);
    if (inNamespace) {
      this.#names.set(node, full);
      return this.#resolve(at, full, inNamespace, given, false);
    }
    const called = this.check(target);
    const overloads = this.#overloads(name);
    return overloads ? this.#resolve(at, name, overloads, [called, ...given], true) : this.#undeclared(at, name);
  }

  /** The result of all overloads that fit: their common type, or anything. */
  #resolve(
    at: number,
    name: string,
    overloads: readonly Overload[],
    given: readonly CelType[],
    isMember: boolean,
  ): CelType {
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.isMember !== isMember || overload.args.length !== given.length) continue;
      const { args, result: own } = this.#instantiate(overload);
      if (!this.#substitutions.assignAll(given, args)) continue;
      const type = this.#substitutions.apply(own);
      if (result === undefined) result = type;
      else if (result.kind !== 'dyn' && !isSameType(type, result)) result = types.dyn;
    }
    if (result) return result;
    const shown = given.map((type) => showType(this.#substitutions.apply(type, true)));
    const target = isMember ? `${shown.shift()}.` : '';
    this.#issues.report(at, `found no matching overload for '${name}' applied to '${target}(${shown.join(', ')})'`);
    return types.error;
  }

  /** An overload with parameters of its own, which nothing is known of. */
  #instantiate(overload: Overload): Pick<Overload, 'args' | 'result'> {
    if (overload.parameters.length === 0) return overload;
    const fresh = new Map(overload.parameters.map((name) => [name, this.#substitutions.newParameter()]));
    const replace = (type: CelType): CelType => {
      if (type.kind === 'parameter') return fresh.get(type.name)!;
      return type.parameters.length === 0 ? type : { ...type, parameters: type.parameters.map(replace) };
    };
    return { args: overload.args.map(replace), result: replace(overload.result) };
  }

  #list({ args, optionals }: NodeOf<'list'>): CelType {
    let element: CelType | undefined;
    for (const [index, item] of args.entries()) {
      element = this.#join(element, this.#entry(item, optionals?.has(index)));
    }
    return listType(element ?? this.#substitutions.newParameter());
  }

  #map({ args, optionals }: NodeOf<'map'>): CelType {
    let key: CelType | undefined;
    let value: CelType | undefined;
    for (const [index, entry] of args.entries()) {
      key = this.#join(key, this.check(entry[0]));
      value = this.#join(value, this.#entry(entry[1], optionals?.has(index)));
    }
    return mapType(key ?? this.#substitutions.newParameter(), value ?? this.#substitutions.newParameter());
  }

  /** What is written with a question mark has to be an optional. */
  #entry(node: Node, isMarked: boolean | undefined): CelType {
    const type = this.check(node);
    if (!isMarked) return type;
    if (!isOptional(type) && type.kind !== 'dyn') this.#mismatch(node.at, optionalType(type), type);
    return unwrapped(type);
  }

  #join(previous: CelType | undefined, current: CelType): CelType {
    if (previous === undefined) return current;
    return this.#substitutions.assign(previous, current) ? mostGeneral(previous, current) : types.dyn;
  }

  #object({ args: [name, fields], at }: NodeOf<'object'>): CelType {
    const found = this.#identifier(name);
    if (!found) return this.#undeclared(at, name);
    if (found.kind !== 'type') {
      this.#issues.report(at, `'${found.name}' is not a type`);
      return types.error;
    }
    const type = found.parameters[0]!;
    if (type.kind !== 'struct') {
      this.#issues.report(at, `'${type.name}' is not a message type`);
      return types.error;
    }
    for (const field of fields) this.#objectField(type, field);
    return type;
  }

  #objectField(type: CelType, { at, name, value, isOptional: isMarked }: FieldNode): void {
    const given = this.#entry(value, isMarked);
    const expected = this.#structField(at, type, name) ?? types.error;
    if (this.#substitutions.assign(expected, given)) return;
    const types_ = `is '${showType(expected)}' but provided type is '${showType(given)}'`;
    this.#issues.report(at, `expected type of field '${name}' ${types_}`);
  }

  #loop({ args }: NodeOf<'loop'>): CelType {
    const range = this.#substitutions.apply(this.check(args.range));
    const init = this.check(args.init);
    const [first, second] = this.#iterated(args.range, range, args.second !== undefined);
    const locals = new Map([[args.variable, first]]);
    if (args.second !== undefined) locals.set(args.second, second);
    return this.#with(new Map([[args.accumulator, init]]), () => {
      this.#with(locals, () => {
        this.#assert(args.condition, types.bool);
        this.#assert(args.step, init);
      });
      return this.#substitutions.apply(this.check(args.result));
    });
  }

  #assert(node: Node, expected: CelType): void {
    const type = this.check(node);
    if (!this.#substitutions.assign(expected, type)) this.#mismatch(node.at, expected, type);
  }

  /** Items of lists, keys of maps; with two variables also indexes and values. */
  #iterated({ at }: Node, range: CelType, withSecond: boolean): [CelType, CelType] {
    const [key, value] = range.parameters;
    switch (range.kind) {
      case 'list':
        return withSecond ? [types.int, key!] : [key!, types.error];
      case 'map':
        return [key!, value!];
      case 'dyn':
      case 'error':
      case 'parameter':
        this.#substitutions.assign(types.dyn, range);
        return [types.dyn, types.dyn];
      default: {
        const problem = 'cannot be range of a comprehension (must be list, map, or dynamic)';
        this.#issues.report(at, `expression of type '${showType(range)}' ${problem}`);
        return [types.error, types.error];
      }
    }
  }

  #with<T>(locals: ReadonlyMap<string, CelType>, run: () => T): T {
    for (const [name, type] of locals) this.#locals.set(name, [...(this.#locals.get(name) ?? []), type]);
    const result = run();
    for (const name of locals.keys()) this.#locals.get(name)!.pop();
    return result;
  }
}

/** `a.b` for names with dots between them. */
function qualifiedName(node: Node): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const receiver = qualifiedName(node.args[0]);
  return receiver === undefined ? undefined : `${receiver}.${node.args[1]}`;
}

function literalType(value: Literal): CelType {
  switch (typeof value) {
    case 'string':
      return types.string;
    case 'bigint':
      return types.int;
    case 'number':
      return types.double;
    case 'boolean':
      return types.bool;
    default:
      if (value === null) return types.null;
      return value instanceof CelUnsigned ? types.uint : types.bytes;
  }
}
