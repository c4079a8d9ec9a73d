/** A whole number without a sign, as `1u` writes it. */
export class CelUnsigned {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

export type Literal = string | bigint | number | boolean | null | Uint8Array | CelUnsigned;

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%' | '&&' | '||';

/** A field of an object that an expression constructs. */
export interface FieldNode {
  /** The colon. */
  readonly at: number;
  readonly name: string;
  readonly value: Node;
  readonly isOptional: boolean;
}

/** What macros are written out as: a loop that folds a range into a result. */
export interface Loop {
  readonly range: Node;
  readonly variable: string;
  /** The value, where the first is the index or key. */
  readonly second?: string | undefined;
  readonly accumulator: string;
  readonly init: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result: Node;
}

interface NodeBase<Operator, Arguments> {
  readonly op: Operator;
  readonly args: Arguments;
  /** The place in the text that cel-go shows for it: a name, an operator, a bracket. */
  readonly at: number;
  /** What a macro means. */
  readonly expansion?: Node | undefined;
  /** Which items or entries are written with a question mark. */
  readonly optionals?: ReadonlySet<number> | undefined;
}

/** A part of an expression. */
export type Node =
  | NodeBase<'value', Literal>
  | NodeBase<'id', string>
  | NodeBase<'.', readonly [Node, string]>
  | NodeBase<'.?', readonly [Node, string]>
  | NodeBase<'[]', readonly [Node, Node]>
  | NodeBase<'[?]', readonly [Node, Node]>
  | NodeBase<'call', readonly [string, readonly Node[]]>
  | NodeBase<'rcall', readonly [string, Node, readonly Node[]]>
  | NodeBase<'list', readonly Node[]>
  | NodeBase<'map', readonly (readonly [Node, Node])[]>
  | NodeBase<'object', readonly [string, readonly FieldNode[]]>
  | NodeBase<'?:', readonly [Node, Node, Node]>
  | NodeBase<'!_', Node>
  | NodeBase<'-_', Node>
  | NodeBase<'has', readonly [Node, string]>
  | NodeBase<'loop', Loop>
  | NodeBase<BinaryOperator, readonly [Node, Node]>;

export type NodeOf<Operator extends Node['op']> = Extract<Node, { op: Operator }>;

/** The parts of a node; of a macro what it means. */
export function childrenOf(node: Node): readonly Node[] {
  if (node.expansion) return [node.expansion];
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
    case 'has':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case 'object':
      return node.args[1].map(({ value }) => value);
    case '!_':
    case '-_':
      return [node.args];
    case 'loop': {
      const { range, init, condition, step, result } = node.args;
      return [range, init, condition, step, result];
    }
    default:
      return node.args;
  }
}

/** How many parts an expression has with its macros written out; what a macro says twice counts twice. */
export function countParts(node: Node, known = new Map<Node, number>()): number {
  let count = known.get(node);
  if (count === undefined) {
    count = childrenOf(node).reduce((sum, child) => sum + countParts(child, known), 1);
    known.set(node, count);
  }
  return count;
}
