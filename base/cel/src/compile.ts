import { createRequire } from 'node:module';
import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { CelError, compileError, evaluationError } from './cel-error.ts';
import { registerExtensions, safeMatches } from './extensions.ts';
import { fromCelValue, toCelValue } from './values.ts';

export interface CelOptions {
  /** Names that the expression may use; any other is an error at compile time. Unset: checked when evaluated. */
  variables?: readonly string[];
  /** `bool` refuses an expression whose type is known to be another. */
  result?: 'bool' | 'dyn';
}

/** A compiled expression; it can be evaluated any number of times. */
export interface CelProgram {
  readonly expression: string;
  /** Values are JSON; the result is JSON too. Throws `CelError`. */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown;
}

const maxLength = 64 * 1024;
const require = createRequire(import.meta.url);
const library = (): typeof import('@marcbachmann/cel-js') => require('@marcbachmann/cel-js');
let shared: Environment | undefined;

/** Compiles a CEL expression with the standard functions and Kubernetes' extensions; throws `CelError`. */
export function compileCel(expression: string, options: CelOptions = {}): CelProgram {
  if (expression.length > maxLength) throw new CelError(`the expression is longer than ${maxLength} characters`);
  const environment = environmentFor(options.variables);
  try {
    const source = renameMatches(expression, environment.parse(expression).ast);
    const run = environment.parse(source);
    if (options.variables) checkTypes(run.check(), options.result ?? 'dyn');
    return { expression, evaluate: (variables) => evaluate(run, variables) };
  } catch (error) {
    throw error instanceof CelError ? error : compileError(expression, error);
  }
}

function evaluate(
  run: (context: Record<string, unknown>) => unknown,
  variables: Readonly<Record<string, unknown>>,
): unknown {
  try {
    return fromCelValue(run(toCelValue(variables) as Record<string, unknown>));
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
  registerExtensions(environment);
  return environment;
}

function checkTypes(result: { valid: boolean; type?: string; error?: unknown }, wanted: 'bool' | 'dyn'): void {
  if (!result.valid) throw result.error;
  if (wanted === 'bool' && result.type !== 'bool' && result.type !== 'dyn') {
    throw new CelError(`CEL expression output type mismatch: expected bool, got ${result.type}`);
  }
}

/** Puts our `matches` in place of the library's in every call; names are of one length, so positions stay. */
function renameMatches(expression: string, ast: ASTNode): string {
  const places = new Set<number>();
  visit(ast, (node) => {
    if (node.op === 'call' && node.args[0] === 'matches') places.add(node.range.start);
    if (node.op === 'rcall' && node.args[0] === 'matches') {
      places.add(expression.indexOf('matches', node.args[1].range.end));
    }
  });
  let renamed = expression;
  for (const place of places)
    renamed = renamed.slice(0, place) + safeMatches + renamed.slice(place + safeMatches.length);
  return renamed;
}

function visit(value: unknown, see: (node: ASTNode) => void): void {
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
