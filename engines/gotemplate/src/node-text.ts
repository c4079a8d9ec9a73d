import type { AnyNode, Branch, Tree } from './nodes.ts';
import { quote } from './quote.ts';

/** A node as Go's error messages show it. */
export function nodeText(node: AnyNode): string {
  switch (node.type) {
    case 'bool':
      return String(node.value);
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'number':
    case 'string':
    case 'text':
      return node.text;
    case 'field':
      return `.${node.names.join('.')}`;
    case 'variable':
      return node.names.join('.');
    case 'identifier':
      return node.name;
    case 'chain':
      return `${inParentheses(node.base)}.${node.names.join('.')}`;
    case 'command':
      return node.args.map(inParentheses).join(' ');
    case 'pipe': {
      const declared = node.declared.map(nodeText).join(', ');
      const prefix = declared === '' ? '' : `${declared} ${node.isAssign ? '=' : ':='} `;
      return prefix + node.commands.map(nodeText).join(' | ');
    }
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ` ${nodeText(node.pipe)}`}}}`;
    case 'if':
    case 'with':
    case 'range':
      return branchText(node);
    default:
      return `{{${node.type}}}`;
  }
}

function branchText(node: Branch): string {
  const alternative = node.elseList === undefined ? '' : `{{else}}${nodeText(node.elseList)}`;
  return `{{${node.type} ${nodeText(node.pipe)}}}${nodeText(node.list)}${alternative}{{end}}`;
}

function inParentheses(node: AnyNode): string {
  return node.type === 'pipe' ? `(${nodeText(node)})` : nodeText(node);
}

/** `file:line:column` of a position; columns count bytes from 0. */
export function locationOf(tree: Tree, position: number): string {
  const before = tree.text.slice(0, position);
  const lastBreak = before.lastIndexOf('\n');
  const line = before.split('\n').length;
  return `${tree.source}:${line}:${Buffer.byteLength(before.slice(lastBreak + 1))}`;
}
