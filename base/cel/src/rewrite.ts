import { parseDuration, parseTime } from '@flux/gotypes';
import { compileRegexp } from '@flux/regexp';
import type { ASTNode } from '@marcbachmann/cel-js';
import { CelError, compileError } from './cel-error.ts';
import { safeMatches } from './extensions.ts';

const maxExpansions = 64;
const maxExpandedLength = 256 * 1024;

const literalChecks: Record<string, (text: string) => unknown> = {
  matches: compileRegexp,
  duration: parseDuration,
  timestamp: parseTime,
};

/** Patterns, durations and times written as literals are checked at once, as cel-go's validators do. */
export function checkLiterals(expression: string, ast: ASTNode): void {
  visit(ast, (node) => {
    if (node.op !== 'call' && node.op !== 'rcall') return;
    const [name] = node.args;
    const args: readonly ASTNode[] = node.op === 'call' ? node.args[1] : node.args[2];
    const check = Object.hasOwn(literalChecks, name) ? literalChecks[name] : undefined;
    const last = args.at(-1);
    if (check === undefined || last?.op !== 'value' || typeof last.args !== 'string') return;
    try {
      check(last.args);
    } catch (error) {
      throw compileError(expression, { message: `invalid ${name} argument`, range: last.range, cause: error });
    }
  });
}

/** Puts our `matches` in place of the library's in every call; names are of one length, so positions stay. */
export function renameMatches(expression: string, ast: ASTNode): string {
  const places = new Set<number>();
  visit(ast, (node) => {
    if (node.op === 'call' && node.args[0] === 'matches') places.add(node.range.start);
    if (node.op === 'rcall' && node.args[0] === 'matches') {
      places.add(expression.indexOf('matches', node.args[1].range.end));
    }
  });
  let renamed = expression;
  for (const place of places) {
    renamed = renamed.slice(0, place) + safeMatches + renamed.slice(place + safeMatches.length);
  }
  return renamed;
}

/**
 * Writes `x.optMap(v, f)` and `x.optFlatMap(v, f)`, which the library lacks, as what they mean. The innermost call is
 * replaced first, then the text is parsed again.
 */
export function expandOptionalMacros(expression: string, parse: (text: string) => ASTNode): string {
  let text = expression;
  for (let count = 0; /\.opt(?:Flat)?Map\s*\(/.test(text); count += 1) {
    if (count >= maxExpansions || text.length > maxExpandedLength) throw new CelError('the expression is too complex');
    const calls: { start: number; end: number; by: string }[] = [];
    visit(parse(text), (node) => {
      if (node.op !== 'rcall') return;
      const [name, receiver, [variable, body]] = node.args;
      if ((name !== 'optMap' && name !== 'optFlatMap') || variable?.op !== 'id' || body === undefined) return;
      const start = startOfReceiver(text, receiver, name);
      const optional = text.slice(start, text.lastIndexOf('.', text.indexOf(name, receiver.range.end)));
      const inner = text.slice(text.indexOf(',', variable.range.end) + 1, node.range.end - 1);
      const bound = `cel.bind(${variable.args}, ${optional}.value(), ${inner})`;
      const present = name === 'optMap' ? `optional.of(${bound})` : bound;
      calls.push({ start, end: node.range.end, by: `(${optional}.hasValue() ? ${present} : optional.none())` });
    });
    const innermost = calls.toSorted((a, b) => a.end - a.start - (b.end - b.start))[0];
    if (innermost === undefined) return text;
    text = text.slice(0, innermost.start) + innermost.by + text.slice(innermost.end);
  }
  return text;
}

/** Writes `has(x[0].f)`, whose receiver the library takes only as a chain of names, with a name for it. */
export function nameReceiversOfHas(expression: string, parse: (text: string) => ASTNode): string {
  if (!/\bhas\s*\([^()]*\[|\bhas\s*\([^)]*\(/.test(expression)) return expression;
  const calls: { start: number; end: number; by: string }[] = [];
  visit(parse(expression), (node) => {
    if (node.op !== 'call' || node.args[0] !== 'has') return;
    const [tested] = node.args[1];
    if (tested?.op !== '.' || isChain(tested)) return;
    const { start, end } = node.range;
    const inner = expression.slice(expression.indexOf('(', start) + 1, end - 1).trimEnd();
    const receiver = inner.slice(0, inner.lastIndexOf('.'));
    calls.push({ start, end, by: `cel.bind(tested__, ${receiver}, has(tested__.${tested.args[1]}))` });
  });
  // A call inside of another is left to the outer one, which the library then refuses.
  const outer = calls.filter(({ start, end }) => !calls.some((other) => other.start < start && other.end > end));
  return outer
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, by }) => text.slice(0, start) + by + text.slice(end), expression);
}

function isChain(node: ASTNode): boolean {
  return node.op === 'id' || (node.op === '.' && isChain(node.args[0]));
}

/** Nodes know nothing of parentheses around them: as many as close before the name are looked for in front. */
function startOfReceiver(text: string, { range }: ASTNode, name: string): number {
  let { start } = range;
  const between = text.slice(range.end, text.indexOf(name, range.end));
  for (let count = between.split(')').length - 1; count > 0; count -= 1) start = text.lastIndexOf('(', start - 1);
  return start;
}

/** Sees every node of a tree, outer ones first. */
export function visit(value: unknown, see: (node: ASTNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, see);
  } else if (isNode(value)) {
    see(value);
    visit(value.args, see);
  }
}

function isNode(value: unknown): value is ASTNode {
  return value !== null && typeof value === 'object' && 'op' in value && 'args' in value;
}
