/** Where a node stands in its source, for the messages of errors. */
interface Place {
  readonly position: number;
}

/** A node of a list. Pipes of one text are one object, so what is below such a node stands this much behind its position. */
interface Shifted extends Place {
  readonly shift: number;
}

export type Operand =
  | (Place & { readonly type: 'bool'; readonly value: boolean })
  | (Place & { readonly type: 'dot' })
  | (Place & { readonly type: 'nil' })
  | (Place & { readonly type: 'number'; readonly text: string; readonly number: NumberConstant })
  | (Place & { readonly type: 'string'; readonly text: string; readonly value: string })
  | (Place & { readonly type: 'field'; readonly names: readonly string[] })
  | (Place & { readonly type: 'variable'; readonly names: readonly string[] })
  | (Place & { readonly type: 'identifier'; readonly name: string })
  | Chain
  | Pipe;

/** A number can be several things at once, as `1e3` is a float and an integer. */
export interface NumberConstant {
  readonly integer?: bigint;
  readonly float?: number;
}

export interface Chain extends Place {
  readonly type: 'chain';
  readonly base: Operand;
  readonly names: string[];
}

export interface Command extends Place {
  readonly type: 'command';
  readonly args: Operand[];
}

export interface Variable extends Place {
  readonly type: 'variable';
  readonly names: readonly string[];
}

export interface Pipe extends Place {
  readonly type: 'pipe';
  isAssign: boolean;
  readonly declared: Variable[];
  readonly commands: Command[];
  /** Made when it first runs, by `compilePipe`, which knows what it is. */
  compiled: unknown;
}

export interface List extends Place {
  readonly type: 'list';
  readonly nodes: Node[];
}

export interface Action extends Shifted {
  readonly type: 'action';
  readonly pipe: Pipe;
}

export interface Branch extends Shifted {
  readonly type: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly list: List;
  readonly elseList: List | undefined;
}

export interface TemplateCall extends Shifted {
  readonly type: 'template';
  readonly name: string;
  readonly pipe: Pipe | undefined;
}

export type Node =
  | (Shifted & { readonly type: 'text'; readonly text: string })
  | Action
  | (Shifted & { readonly type: 'break' | 'continue' | 'end' | 'else' })
  | Branch
  | TemplateCall;

export type AnyNode = Node | List | Operand | Command;

/** One parsed template; `source` is the file it was defined in. */
export interface Tree {
  readonly name: string;
  readonly source: string;
  readonly text: string;
  readonly root: List;
}

/** Whether a template has nothing but space, so that it does not replace another of its name. */
export function isEmptyTree(tree: Tree): boolean {
  return tree.root.nodes.every((node) => node.type === 'text' && node.text.trim() === '');
}
