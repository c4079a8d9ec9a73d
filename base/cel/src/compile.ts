import { createRequire } from 'node:module';
import type { Environment } from '@marcbachmann/cel-js';
import { CelError, compileError, evaluationError } from './cel-error.ts';
import { validateLiterals } from './check/validators.ts';
import { type CelMeter, metered, meterNodes } from './cost/meter.ts';
import { registerExtensions } from './extensions.ts';
import { CelInput } from './input.ts';
import { lower } from './lower.ts';
import { Issues } from './syntax/issues.ts';
import { parseCel } from './syntax/parser.ts';
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

const require = createRequire(import.meta.url);
const library = (): typeof import('@marcbachmann/cel-js') => require('@marcbachmann/cel-js');
/** One for each set of names that callers use: to make one registers some hundred functions. */
const environments = new Map<string | undefined, Environment>();

/** Compiles a CEL expression with the standard functions and Kubernetes' extensions; throws `CelError`. */
export function compileCel(expression: string, options: CelOptions = {}): CelProgram {
  const issues = new Issues(expression);
  const node = parseCel(expression, issues);
  if (node) validateLiterals(node, issues);
  if (!node || !issues.isEmpty) throw new CelError(issues.toString());
  const lowered = lower(node);
  try {
    const run = environmentFor(options.variables).parse(lowered.text);
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
    throw error instanceof CelError ? error : compileError(expression, error, (place) => lowered.original(place));
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
  const key = variables?.join();
  let environment = environments.get(key);
  if (environment) return environment;
  environment = new (library().Environment)({
    unlistedVariablesAreDyn: variables === undefined,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
  });
  registerExtensions(environment, library());
  for (const name of variables ?? []) environment.registerVariable(name, 'dyn');
  environments.set(key, environment);
  return environment;
}

function checkTypes(result: { valid: boolean; type?: string; error?: unknown }, wanted: ResultType): void {
  if (!result.valid) throw result.error;
  if (wanted === 'dyn' || result.type === wanted || result.type === 'dyn') return;
  throw new CelError(`CEL expression output type mismatch: expected ${wanted}, got ${result.type}`);
}
