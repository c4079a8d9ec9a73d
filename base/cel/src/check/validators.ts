import { parseDuration, parseTime } from '@flux/gotypes';
import { compileRegexp } from '@flux/regexp';
import type { Issues } from '../syntax/issues.ts';
import { childrenOf, type Node } from '../syntax/node.ts';
import type { Checker } from './checker.ts';
import { checkFormat } from './format-check.ts';
import { type CelType, isSameType, showType, unwrapped } from './type.ts';

const literalChecks: Readonly<Record<string, (text: string) => unknown>> = {
  matches: compileRegexp,
  duration: parseDuration,
  timestamp: parseTime,
};

/** What is checked once all types fit: patterns, durations and times that are literals, lists of one type, templates. */
export function validateParts(root: Node, checker: Checker, issues: Issues): void {
  visit(root, false, (node, isFormatted) => {
    if (node.op === 'call' || node.op === 'rcall') validateLiteral(node, issues);
    if (node.op === 'rcall') checkFormat(node, checker, issues);
    if (node.op === 'list' && !isFormatted) {
      validateUniform(node.args, node.optionals, checker, issues);
    } else if (node.op === 'map' && !isFormatted) {
      for (const index of [0, 1] as const) {
        const parts = node.args.map((entry) => entry[index]);
        validateUniform(parts, index === 1 ? node.optionals : undefined, checker, issues, true);
      }
    }
  });
}

/** Only patterns, durations and times that are literals: what needs no types. */
export function validateLiterals(root: Node, issues: Issues): void {
  visit(root, false, (node) => {
    if (node.op === 'call' || node.op === 'rcall') validateLiteral(node, issues);
  });
}

function validateLiteral({ args }: Node & { op: 'call' | 'rcall' }, issues: Issues): void {
  const [name] = args;
  const [literal] = args.length === 2 ? args[1] : args[2];
  if (literal?.op !== 'value' || !Object.hasOwn(literalChecks, name)) return;
  // cel-go evaluates such a call without its overloads, so that it refuses the number of nanoseconds, too.
  if (typeof literal.args === 'bigint' && name === 'duration') issues.report(literal.at, `invalid ${name} argument`);
  if (typeof literal.args !== 'string') return;
  try {
    literalChecks[name]!(literal.args);
  } catch {
    issues.report(literal.at, `invalid ${name} argument`);
  }
}

function validateUniform(
  parts: readonly Node[],
  optionals: ReadonlySet<number> | undefined,
  checker: Checker,
  issues: Issues,
  tellsAll = false,
): void {
  let first: CelType | undefined;
  for (const [index, part] of parts.entries()) {
    const whole = checker.typeOf(part);
    const type = optionals?.has(index) ? unwrapped(whole) : whole;
    if (first === undefined) first = type;
    else if (!isSameType(first, type, false)) {
      issues.report(part.at, `expected type '${showType(first)}' but found '${showType(type)}'`);
      if (!tellsAll) return;
    }
  }
}

/** Sees every node; within the arguments and targets of `format` lists may be mixed. */
function visit(node: Node, isFormatted: boolean, see: (node: Node, isFormatted: boolean) => void): void {
  see(node, isFormatted);
  const inside = isFormatted || ((node.op === 'rcall' || node.op === 'call') && node.args[0] === 'format');
  for (const child of childrenOf(node)) visit(child, inside, see);
}
