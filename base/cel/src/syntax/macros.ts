import type { Literal, Node } from './node.ts';

/** The arguments of a macro are not what it takes. */
export class MacroError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const accumulator = '@result';
const unused = '#unused';
const sortInput = '@__sortBy_input__';

/** Makes the parts of what a macro means; all of them stand at its bracket. */
class Maker {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  value(args: Literal): Node {
    return { op: 'value', args, at: this.#at };
  }

  id(args: string): Node {
    return { op: 'id', args, at: this.#at };
  }

  list(...args: Node[]): Node {
    return { op: 'list', args, at: this.#at };
  }

  map(): Node {
    return { op: 'map', args: [], at: this.#at };
  }

  call(name: string, ...args: Node[]): Node {
    return { op: 'call', args: [name, args], at: this.#at };
  }

  rcall(name: string, target: Node, ...args: Node[]): Node {
    return { op: 'rcall', args: [name, target, args], at: this.#at };
  }

  binary(op: '+' | '&&' | '||' | '==', left: Node, right: Node): Node {
    return { op, args: [left, right], at: this.#at };
  }

  choice(condition: Node, yes: Node, no: Node): Node {
    return { op: '?:', args: [condition, yes, no], at: this.#at };
  }

  not(args: Node): Node {
    return { op: '!_', args, at: this.#at };
  }

  has(target: Node, name: string): Node {
    return { op: 'has', args: [target, name], at: this.#at };
  }

  get result(): Node {
    return this.id(accumulator);
  }

  loop(range: Node, names: Names, parts: { init: Node; step: Node; condition?: Node; result?: Node }): Node {
    const { init, step, condition = this.value(true), result = this.result } = parts;
    const args = { range, ...names, accumulator, init, condition, step, result };
    return { op: 'loop', args, at: this.#at };
  }

  /** A name for a value in a body: a loop over nothing. */
  bind(variable: string, init: Node, body: Node): Node {
    const args = { range: this.list(), variable: unused, accumulator: variable, init, condition: this.value(false) };
    return { op: 'loop', args: { ...args, step: this.id(variable), result: body }, at: this.#at };
  }
}

interface Names {
  readonly variable: string;
  readonly second?: string | undefined;
}

type Expand = (make: Maker, target: Node, args: readonly Node[]) => Node;

function nameOf(node: Node, problem: string): string {
  if (node.op !== 'id') throw new MacroError(node.at, problem);
  if (node.args === '__result__') {
    throw new MacroError(node.at, 'iteration variable overwrites accumulator variable');
  }
  return node.args;
}

function namesOf([first, second]: readonly Node[]): Names {
  const problem = 'argument must be a simple name';
  const names = [first!, second!].map((node) => {
    if (node.op !== 'id') throw new MacroError(node.at, problem);
    return node.args;
  });
  if (names[0] === names[1]) throw new MacroError(second!.at, `duplicate variable name: ${names[0]}`);
  return { variable: nameOf(first!, problem), second: nameOf(second!, problem) };
}

const notStrictlyFalse = '@not_strictly_false';

type Quantify = (make: Maker, range: Node, names: Names, body: Node) => Node;

const all: Quantify = (make, range, names, body) =>
  make.loop(range, names, {
    init: make.value(true),
    condition: make.call(notStrictlyFalse, make.result),
    step: make.binary('&&', make.result, body),
  });

const exists: Quantify = (make, range, names, body) =>
  make.loop(range, names, {
    init: make.value(false),
    condition: make.call(notStrictlyFalse, make.not(make.result)),
    step: make.binary('||', make.result, body),
  });

const existsOne: Quantify = (make, range, names, body) =>
  make.loop(range, names, {
    init: make.value(0n),
    step: make.choice(body, make.binary('+', make.result, make.value(1n)), make.result),
    result: make.binary('==', make.result, make.value(1n)),
  });

/** Collects what the bodies give: the last is the value, one before it a condition. */
function collect(make: Maker, range: Node, names: Names, bodies: readonly Node[]): Node {
  const added = make.binary('+', make.result, make.list(bodies.at(-1)!));
  const step = bodies.length === 2 ? make.choice(bodies[0]!, added, make.result) : added;
  return make.loop(range, names, { init: make.list(), step });
}

const transformMap =
  (withKey: boolean): Expand =>
  (make, target, args) => {
    const names = namesOf(args);
    const bodies = args.slice(2);
    const key = withKey ? [make.id(names.variable)] : [];
    const added = make.call('cel.@mapInsert', make.result, ...key, bodies.at(-1)!);
    const step = bodies.length === 2 ? make.choice(bodies[0]!, added, make.result) : added;
    return make.loop(target, names, { init: make.map(), step });
  };

const quantifier =
  (quantify: Quantify): Expand =>
  (make, target, args) =>
    quantify(make, target, { variable: nameOf(args[0]!, 'argument must be a simple name') }, args[1]!);

const quantifierOfTwo =
  (quantify: Quantify): Expand =>
  (make, target, args) =>
    quantify(make, target, namesOf(args), args[2]!);

const mapping: Expand = (make, target, args) =>
  collect(make, target, { variable: nameOf(args[0]!, 'argument is not an identifier') }, args.slice(1));

const listing: Expand = (make, target, args) => collect(make, target, namesOf(args), args.slice(2));

const filter: Expand = (make, target, args) =>
  collect(make, target, { variable: nameOf(args[0]!, 'argument is not an identifier') }, [args[1]!, args[0]!]);

const optional =
  (name: string, isFlat: boolean): Expand =>
  (make, target, [variable, body]) => {
    if (variable!.op !== 'id') {
      throw new MacroError(variable!.at, `${name}() variable name must be a simple identifier`);
    }
    const bound = make.bind(variable!.args, make.rcall('value', target), body!);
    const present = isFlat ? bound : make.call('optional.of', bound);
    return make.choice(make.rcall('hasValue', target), present, make.call('optional.none'));
  };

const sortBy: Expand = (make, target, args) => {
  if (target.op === 'value' || target.op === 'map' || target.op === 'object') {
    const kinds = 'list, identifier, comprehension, call or select expression';
    throw new MacroError(target.at, `sortBy can only be applied to a ${kinds}`);
  }
  const keys = mapping(make, make.id(sortInput), args);
  return make.bind(sortInput, target, make.rcall('@sortByAssociatedKeys', make.id(sortInput), keys));
};

const methods: Readonly<Record<string, Expand>> = {
  'all/2': quantifier(all),
  'exists/2': quantifier(exists),
  'exists_one/2': quantifier(existsOne),
  'map/2': mapping,
  'map/3': mapping,
  'filter/2': filter,
  'optMap/2': optional('optMap', false),
  'optFlatMap/2': optional('optFlatMap', true),
  'sortBy/2': sortBy,
  'all/3': quantifierOfTwo(all),
  'exists/3': quantifierOfTwo(exists),
  'exists_one/3': quantifierOfTwo(existsOne),
  'existsOne/3': quantifierOfTwo(existsOne),
  'transformList/3': listing,
  'transformList/4': listing,
  'transformMap/3': transformMap(true),
  'transformMap/4': transformMap(true),
  'transformMapEntry/3': transformMap(false),
  'transformMapEntry/4': transformMap(false),
};

/** What a call means if it is a macro, whose bracket is at a place; throws `MacroError`. */
export function expandCall(name: string, args: readonly Node[], at: number): Node | undefined {
  if (name !== 'has' || args.length !== 1) return undefined;
  const [tested] = args;
  if (tested!.op !== '.') throw new MacroError(tested!.at, 'invalid argument to has() macro');
  return new Maker(at).has(...tested!.args);
}

/** The same for a call on a value. */
export function expandMemberCall(name: string, target: Node, args: readonly Node[], at: number): Node | undefined {
  const key = `${name}/${args.length}`;
  return Object.hasOwn(methods, key) ? methods[key]!(new Maker(at), target, args) : undefined;
}
