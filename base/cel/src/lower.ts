import { Buffer } from 'node:buffer';
import { CelUnsigned, type Literal, type Node, type NodeOf } from './syntax/node.ts';

/** Standard `matches` runs on JavaScript's engine; this runs on RE2. */
export const safeMatches = 'reMatch';

/** Functions that stand for syntax which the engine does not know. */
export const loweredFunctions = {
  object: 'celObject__',
  patch: 'celPatch__',
  list: 'celList__',
  map: 'celMap__',
  keys: 'celKeys__',
  entries: 'celEntries__',
  merge: 'celMerge__',
  sort: 'celSort__',
} as const;

const range = 'range__';
const tested = 'tested__';

/** The text of an expression for the engine, and where its parts come from. */
export interface Lowered {
  readonly text: string;
  original(place: number): number;
}

type Part = string | Node;

/** Writes an expression in what the engine understands of CEL; every part in brackets, so that no order of operators counts. */
export function lower(node: Node): Lowered {
  /** Where pieces begin, in the new text and in the original. */
  const places: [place: number, original: number][] = [];
  let text = '';
  const write = (part: Node): void => {
    places.push([text.length, part.at]);
    for (const piece of partsOf(part)) {
      if (typeof piece === 'string') text += piece;
      else write(piece);
    }
  };
  write(node);
  return { text, original: (place) => places.findLast(([begin]) => begin <= place)?.[1] ?? 0 };
}

function partsOf(node: Node): Part[] {
  switch (node.op) {
    case 'value':
      return [literalText(node.args)];
    case 'id':
      return [withoutDot(node.args)];
    case '.':
    case '.?':
      return [node.args[0], node.op, node.args[1]];
    case '[]':
      return [node.args[0], '[', node.args[1], ']'];
    case '[?]':
      return [node.args[0], '[?', node.args[1], ']'];
    case '?:':
      return ['(', node.args[0], ' ? ', node.args[1], ' : ', node.args[2], ')'];
    case '!_':
    case '-_':
      return [`(${node.op[0]}`, node.args, ')'];
    case 'has':
      return presence(...node.args);
    case 'loop':
      throw new TypeError('a loop is written as the macro that it comes from');
    default:
      return partsOfMore(node);
  }
}

type More = Exclude<Node, NodeOf<'value' | 'id' | '.' | '.?' | '[]' | '[?]' | '?:' | '!_' | '-_' | 'has' | 'loop'>>;

function partsOfMore(node: More): Part[] {
  switch (node.op) {
    case 'call':
      return node.expansion ? [node.expansion] : [engineName(node.args[0]), '(', ...joined(node.args[1]), ')'];
    case 'rcall':
      return node.expansion ? macro(node) : memberCall(node);
    case 'list':
      return list(node);
    case 'map':
      return map(node);
    case 'object':
      return object(node);
    default:
      return ['(', node.args[0], ` ${node.op} `, node.args[1], ')'];
  }
}

function joined(parts: readonly Part[]): Part[] {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [', ', part]));
}

function engineName(name: string): string {
  return name === 'matches' ? safeMatches : withoutDot(name);
}

/** The engine asks for members of chains of names only. */
function presence(target: Node, name: string): Part[] {
  if (isChain(target)) return ['has(', target, `.${name})`];
  return [`cel.bind(${tested}, `, target, `, has(${tested}.${name}))`];
}

function memberCall({ args: [name, target, args] }: NodeOf<'rcall'>): Part[] {
  return [target, `.${engineName(name)}(`, ...joined(args), ')'];
}

function macro(node: NodeOf<'rcall'>): Part[] {
  const [name, target, args] = node.args;
  if (name === 'optMap' || name === 'optFlatMap') return optional(name, target, args);
  if (name === 'sortBy') return sort(target, args);
  const isLoopOfTwo = name.startsWith('transform') || (args.length === 3 && name !== 'map');
  return isLoopOfTwo ? loopOfTwo(name, target, args) : memberCall(node);
}

function optional(name: string, target: Node, [variable, body]: readonly Node[]): Part[] {
  const bound = [`cel.bind(${nameOf(variable)}, `, target, '.value(), ', body!, ')'];
  const present = name === 'optMap' ? ['optional.of(', ...bound, ')'] : bound;
  return ['(', target, '.hasValue() ? ', ...present, ' : optional.none())'];
}

function sort(target: Node, [variable, key]: readonly Node[]): Part[] {
  const keys = [`${range}.map(${nameOf(variable)}, `, key!, ')'];
  return [`cel.bind(${range}, `, target, `, ${loweredFunctions.sort}(${range}, `, ...keys, '))'];
}

/** Indexes or keys are gone through, and the value is bound in every body. */
function loopOfTwo(name: string, target: Node, [first, second, ...bodies]: readonly Node[]): Part[] {
  const key = nameOf(first);
  const withEntries = name === 'transformMap';
  const method = name.startsWith('transform') ? 'map' : name.replace('existsOne', 'exists_one');
  const parts = bodies.flatMap((body, index): Part[] => {
    const bound = [`cel.bind(${nameOf(second)}, ${range}[${key}], `, body, ')'];
    return withEntries && index === bodies.length - 1 ? [`, [${key}, `, ...bound, ']'] : [', ', ...bound];
  });
  const loop = [`${loweredFunctions.keys}(${range}).${method}(${key}`, ...parts, ')'];
  return [`cel.bind(${range}, `, target, ', ', ...gathered(name, loop), ')'];
}

function gathered(name: string, loop: readonly Part[]): readonly Part[] {
  if (!name.startsWith('transformMap')) return loop;
  return [name === 'transformMap' ? loweredFunctions.entries : loweredFunctions.merge, '(', ...loop, ')'];
}

function list({ args, optionals }: NodeOf<'list'>): Part[] {
  if (!optionals || optionals.size === 0) return ['[', ...joined(args), ']'];
  return [`${loweredFunctions.list}([`, ...joined(args), `], ${flagsOf(args.length, optionals)})`];
}

function map({ args, optionals }: NodeOf<'map'>): Part[] {
  if (!optionals || optionals.size === 0) {
    return ['{', ...args.flatMap(([key, value], index) => [index === 0 ? '' : ', ', key, ': ', value]), '}'];
  }
  const keys = joined(args.map(([key]) => key));
  const values = joined(args.map(([, value]) => value));
  return [`${loweredFunctions.map}([`, ...keys, '], [', ...values, `], ${flagsOf(args.length, optionals)})`];
}

function object({ args: [type, fields] }: NodeOf<'object'>): Part[] {
  const maker = type === 'JSONPatch' ? loweredFunctions.patch : loweredFunctions.object;
  const members = fields.flatMap(({ name, value, isOptional }, index) => {
    return [index === 0 ? '' : ', ', JSON.stringify(`${isOptional ? '?' : ''}${name}`), ': ', value];
  });
  return [`${maker}(${JSON.stringify(type)}, {`, ...members, '})'];
}

function withoutDot(name: string): string {
  return name.startsWith('.') ? name.slice(1) : name;
}

function nameOf(node: Node | undefined): string {
  return node?.op === 'id' ? node.args : '_';
}

function isChain(node: Node): boolean {
  return node.op === 'id' || (node.op === '.' && isChain(node.args[0]));
}

function flagsOf(length: number, optionals: ReadonlySet<number>): string {
  return `[${Array.from({ length }, (_, index) => optionals.has(index)).join(', ')}]`;
}

const least = -(2n ** 63n);

function literalText(value: Literal): string {
  if (value instanceof CelUnsigned) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b"${[...Buffer.from(value)].map(escaped).join('')}"`;
  if (typeof value === 'bigint') return value === least ? `(${least + 1n} - 1)` : signed(String(value));
  if (typeof value !== 'number') return JSON.stringify(value);
  return signed(/[.e]/.test(String(value)) ? String(value) : `${value}.0`);
}

function signed(text: string): string {
  return text.startsWith('-') ? `(${text})` : text;
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
