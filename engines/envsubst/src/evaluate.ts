import { EnvsubstError } from './envsubst-error.ts';
import { applyOperator, providesDefault } from './operators.ts';
import { type Expansion, type Node, parse } from './parse.ts';

/** The value of a variable, or undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface EvaluateOptions {
  /** An unset variable without a default is an error (KUS-SUB-10); otherwise it is empty. */
  strict?: boolean;
}

/** Replaces `${…}` in text; throws `EnvsubstError` with the texts of fluxcd/pkg/envsubst. */
export function evaluate(text: string, lookup: Lookup, options: EvaluateOptions = {}): string {
  return evaluateNodes(parse(text), lookup, options.strict ?? false);
}

function evaluateNodes(nodes: readonly Node[], lookup: Lookup, strict: boolean): string {
  return nodes.map((node) => (typeof node === 'string' ? node : expand(node, lookup, strict))).join('');
}

function expand({ name, operator, args }: Expansion, lookup: Lookup, strict: boolean): string {
  // Arguments first: in strict mode an unset variable in a default counts even if the default is not used (KUS-SUB-23).
  const values = args.map((arg) => evaluateNodes([arg], lookup, strict));
  const value = lookup(name);
  if (value === undefined && strict && !providesDefault(operator)) {
    throw new EnvsubstError(`variable not set (strict mode): ${JSON.stringify(name)}`);
  }
  return applyOperator(operator, value ?? '', values);
}
