import { gvkOf, type KubeObject, parseApiVersion } from '@flux/apimachinery';
import { type CelProgram, compileCel } from '@flux/cel';
import { FluxError, messageOf } from '@flux/errors';
import { generationLag } from './compute.ts';
import type { ReadyStatus, StatusResult } from './result.ts';
import type { StatusReader } from './status-reader.ts';

/** How to judge the objects of a kind, or of a group when `kind` is unset: an entry of `spec.healthCheckExprs`. */
export interface HealthExpressions {
  apiVersion: string;
  kind?: string;
  current: string;
  inProgress?: string;
  failed?: string;
}

/** Health expressions that cannot be used; the text is that of KUS-FLOW-08. */
export class HealthExpressionError extends FluxError {
  override readonly code = 'HEALTH_EXPRESSION_INVALID';
}

interface CompiledCheck {
  status: ReadyStatus;
  program: CelProgram;
}

/** A reader for the kinds that the expressions are about (KUS-HEALTH-30); throws `HealthExpressionError`. */
export function healthExpressionReader(expressions: readonly HealthExpressions[]): StatusReader {
  const checks = new Map<string, CompiledCheck[]>();
  for (const [index, entry] of expressions.entries()) {
    const key = groupKind(parseApiVersion(entry.apiVersion).group, entry.kind ?? '');
    if (checks.has(key)) {
      throw new HealthExpressionError(`duplicate custom health check for GroupKind ${key} at healthchecks[${index}]`);
    }
    checks.set(key, compileChecks(entry, index));
  }
  return (object) => {
    const { group, kind } = gvkOf(object);
    const found = checks.get(groupKind(group, kind)) ?? checks.get(groupKind(group, ''));
    return found && evaluateChecks(object, found);
  };
}

function groupKind(group: string, kind: string): string {
  return group === '' ? kind : `${kind}.${group}`;
}

function compileChecks(entry: HealthExpressions, index: number): CompiledCheck[] {
  const prefix = `failed to create custom status evaluator for healthchecks[${index}]`;
  if (!entry.current) throw new HealthExpressionError(`${prefix}: expression Current not specified`);
  const compile = (name: string, expression: string) => {
    try {
      return compileCel(expression);
    } catch (error) {
      const problem = `failed to parse the CEL expression '${expression}': ${messageOf(error)}`;
      throw new HealthExpressionError(`${prefix}: failed to parse the expression ${name}: ${problem}`, {
        cause: error,
      });
    }
  };
  const current = compile('Current', entry.current);
  const failed = entry.failed ? compile('Failed', entry.failed) : undefined;
  const inProgress = entry.inProgress ? compile('InProgress', entry.inProgress) : undefined;
  return [
    ...(inProgress ? [{ status: 'InProgress', program: inProgress } as const] : []),
    ...(failed ? [{ status: 'Failed', program: failed } as const] : []),
    { status: 'Current', program: current },
  ];
}

function evaluateChecks(object: KubeObject, checks: readonly CompiledCheck[]): StatusResult {
  const lag = generationLag(object);
  if (lag) return lag;
  for (const { status, program } of checks) {
    if (evaluateBoolean(program, object)) return { status, message: '' };
  }
  return { status: 'InProgress', message: '' };
}

/** Evaluates an expression that has to be a boolean; the texts are Flux's. */
export function evaluateBoolean(program: CelProgram, variables: Readonly<Record<string, unknown>>): boolean {
  let value: unknown;
  try {
    value = program.evaluate(variables);
  } catch (error) {
    const text = `failed to evaluate the CEL expression '${program.expression}': ${messageOf(error)}`;
    throw new HealthExpressionError(text, { cause: error });
  }
  if (typeof value === 'boolean') return value;
  throw new HealthExpressionError(`failed to evaluate CEL expression as boolean: '${program.expression}'`);
}
