import type { Issues } from '../syntax/issues.ts';
import type { Node, NodeOf } from '../syntax/node.ts';
import type { Checker } from './checker.ts';
import type { TypeKind } from './type.ts';

interface Verb {
  readonly kinds: readonly TypeKind[];
  readonly rule: string;
}

const shownInText =
  'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps';
const hexadecimal: Verb = {
  kinds: ['int', 'uint', 'string', 'bytes'],
  rule: 'only integers, byte buffers, and strings can be formatted as hex',
};

const verbs: Readonly<Record<string, Verb>> = {
  s: {
    kinds: 'list map int uint double bool string timestamp bytes duration type null'.split(' ') as TypeKind[],
    rule: shownInText,
  },
  d: { kinds: ['int', 'uint'], rule: 'decimal clause can only be used on integers' },
  f: { kinds: ['double', 'string'], rule: 'fixed-point clause can only be used on doubles' },
  e: { kinds: ['double', 'string'], rule: 'scientific clause can only be used on doubles' },
  b: { kinds: ['int', 'uint', 'bool'], rule: 'only integers and bools can be formatted as binary' },
  x: hexadecimal,
  X: hexadecimal,
  o: { kinds: ['int', 'uint'], rule: 'octal clause can only be used on integers' },
};

const endlessPrecision =
  'could not parse formatting clause: error while parsing precision: could not find end of precision specifier';

const clause = /%(?:(%)|(?:\.(\d*))?([\s\S]?))/gu;

/** Compares a template that is a literal with the list of its arguments. */
export function checkFormat(
  { args: [name, template, args], at }: NodeOf<'rcall'>,
  checker: Checker,
  issues: Issues,
): void {
  const [list] = args;
  if (name !== 'format' || template.op !== 'value' || typeof template.args !== 'string') return;
  if (args.length !== 1 || list?.op !== 'list') return;
  let count = 0;
  for (const [, percent, precision, verb = ''] of template.args.matchAll(clause)) {
    if (percent) continue;
    const endless = precision === undefined ? 'unexpected end of string' : endlessPrecision;
    const problem: Problem | undefined =
      verb === '' ? { message: endless } : clauseProblem(verb, list.args[count], count, checker);
    if (problem) {
      issues.report(problem.at ?? at, problem.message);
      return;
    }
    count += 1;
  }
  if (list.args.length <= count) return;
  const counts = `expected ${count}, got ${list.args.length}`;
  issues.report(at, `too many arguments supplied to string.format (${counts})`);
}

interface Problem {
  readonly message: string;
  /** Unset: the call. */
  readonly at?: number;
}

function clauseProblem(
  letter: string,
  argument: Node | undefined,
  index: number,
  checker: Checker,
): Problem | undefined {
  if (!argument) return { message: `index ${index} out of range` };
  const verb = Object.hasOwn(verbs, letter) ? verbs[letter]! : undefined;
  if (!verb) return { message: `could not parse formatting clause: unrecognized formatting clause "${letter}"` };
  const bad = misfit(argument, verb, letter === 's', checker);
  if (!bad) return undefined;
  const { name } = checker.typeOf(bad);
  return { message: `error during formatting: ${verb.rule}, was given ${name}`, at: bad.at };
}

/** The argument, or what is in it where text is made of the whole, that has another type. */
function misfit(node: Node, verb: Verb, isDeep: boolean, checker: Checker): Node | undefined {
  const { kind } = checker.typeOf(node);
  if (kind !== 'dyn' && !verb.kinds.includes(kind)) return node;
  if (!isDeep || (node.op !== 'list' && node.op !== 'map')) return undefined;
  for (const part of node.args.flat()) {
    const found = misfit(part, verb, isDeep, checker);
    if (found) return found;
  }
  return undefined;
}
