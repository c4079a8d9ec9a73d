import type { ASTNode } from '@marcbachmann/cel-js';
import { compileError } from './cel-error.ts';
import { visit } from './rewrite.ts';

/** What is known of a value before it is there: its members, or those of its items. */
export interface FieldShape {
  /** Members by name. */
  readonly fields?: ReadonlyMap<string, FieldShape>;
  /** What the values of a list or map look like. */
  readonly items?: FieldShape;
  /** Other members may be there, too. */
  readonly isOpen?: boolean;
}

/** Refuses an expression that reads a member which a value of this shape cannot have; throws cel-go's `undefined field`. */
export function checkFields(expression: string, ast: ASTNode, shapes: Readonly<Record<string, FieldShape>>): void {
  const shapeOf = (node: ASTNode): FieldShape | undefined => {
    if (node.op === 'id') return Object.hasOwn(shapes, node.args) ? shapes[node.args] : undefined;
    if (node.op === '[]') return shapeOf(node.args[0])?.items;
    if (node.op !== '.') return undefined;
    const [receiver, name] = node.args;
    const shape = shapeOf(receiver);
    if (shape === undefined || shape.items !== undefined) return shape?.items;
    const field = shape.fields?.get(name);
    if (field !== undefined || shape.isOpen) return field;
    const dot = expression.lastIndexOf('.', node.pos);
    throw compileError(expression, {
      message: `undefined field '${name}'`,
      range: { start: dot, end: node.range.end },
    });
  };
  visit(ast, (node) => {
    if (node.op === '.') shapeOf(node);
  });
}
