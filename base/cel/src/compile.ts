import { createRequire } from 'node:module';
import type { Environment } from '@marcbachmann/cel-js';
import { CelError, compileError, evaluationError } from './cel-error.ts';
import { type CelMeter, metered, meterNodes } from './cost/meter.ts';
import { registerExtensions } from './extensions.ts';
import { CelInput } from './input.ts';
import { callObjectConstructors } from './object-literals.ts';
import { checkLiterals, expandOptionalMacros, nameReceiversOfHas, renameMatches } from './rewrite.ts';
import { fromCelValue } from './values.ts';

export interface CelOptions {
  /** Names that the expression may use; any other is an error at compile time. Unset: checked when evaluated. */
  variables?: readonly string[];
  /** `bool` refuses an expression whose type is known to be another. */
  result?: ResultType;
  /** Evaluations count what they cost on the meter that they are given. */
  isMetered?: boolean;
}

type ResultType = 'bool' | 'dyn';

/** A compiled expression; it can be evaluated any number of times. */
export interface CelProgram {
  readonly expression: string;
  /** Values are JSON; the result is JSON too. Throws `CelError`, and `CelCostError` at the limit of the meter. */
  evaluate(variables: Readonly<Record<string, unknown>> | CelInput, meter?: CelMeter): unknown;
  /** The same, with a result that is only good for an input: times and durations are what they are. */
  compute(input: CelInput, meter?: CelMeter): unknown;
}

const maxLength = 64 * 1024;
const require = createRequire(import.meta.url);
const library = (): typeof import('@marcbachmann/cel-js') => require('@marcbachmann/cel-js');
let shared: Environment | undefined;

/** Compiles a CEL expression with the standard functions and Kubernetes' extensions; throws `CelError`. */
export function compileCel(expression: string, options: CelOptions = {}): CelProgram {
  if (expression.length > maxLength) throw new CelError(`the expression is longer than ${maxLength} characters`);
  const environment = environmentFor(options.variables);
  const { text, original } = callObjectConstructors(expression);
  try {
    const parse = (part: string) => environment.parse(part).ast;
    const named = nameReceiversOfHas(text, parse);
    const expanded = expandOptionalMacros(named, parse);
    const { ast } = environment.parse(expanded);
    checkLiterals(expanded, ast);
    const source = renameMatches(expanded, ast);
    const run = environment.parse(source);
    const isMetered = options.isMetered === true;
    const checked = options.variables || isMetered ? run.check() : undefined;
    if (options.variables && checked) checkTypes(checked, options.result ?? 'dyn');
    if (isMetered && checked?.valid) meterNodes(run.ast);
    const compute = (input: CelInput, meter?: CelMeter) =>
      meter ? metered(meter, () => evaluate(run, input)) : evaluate(run, input);
    return {
      expression,
      compute,
      evaluate: (variables, meter) => {
        const input = variables instanceof CelInput ? variables : new CelInput(variables);
        return resultOf(() => fromCelValue(compute(input, meter)));
      },
    };
  } catch (error) {
    throw error instanceof CelError ? error : compileError(expression, error, original);
  }
}

function evaluate(run: (context: Record<string, unknown>) => unknown, { values }: CelInput): unknown {
  return resultOf(() => run(values));
}

function resultOf<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof CelError ? error : evaluationError(error);
  }
}

function environmentFor(variables: readonly string[] | undefined): Environment {
  if (variables) {
    const environment = newEnvironment(false);
    for (const name of variables) environment.registerVariable(name, 'dyn');
    return environment;
  }
  shared ??= newEnvironment(true);
  return shared;
}

function newEnvironment(unlistedVariablesAreDyn: boolean): Environment {
  const environment = new (library().Environment)({
    unlistedVariablesAreDyn,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  });
  registerExtensions(environment, library());
  return environment;
}

function checkTypes(result: { valid: boolean; type?: string; error?: unknown }, wanted: ResultType): void {
  if (!result.valid) throw result.error;
  if (wanted === 'dyn' || result.type === wanted || result.type === 'dyn') return;
  throw new CelError(`CEL expression output type mismatch: expected ${wanted}, got ${result.type}`);
}
