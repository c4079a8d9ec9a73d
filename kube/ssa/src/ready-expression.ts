import type { KubeObject } from '@flux/apimachinery';
import { type CelProgram, compileCel } from '@flux/cel';
import { messageOf } from '@flux/errors';
import { evaluateBoolean, HealthExpressionError } from './kstatus/health-expressions.ts';

interface ExpressedDependency {
  readyExpr: string;
  /** Of the dependency, as the object that waits names it. */
  name: string;
  namespace: string;
}

/**
 * Why a dependency is not ready by the expression in `spec.dependsOn`; undefined when it is (KUS-DEP-02, HELM-FLOW-05). Throws
 * `HealthExpressionError` for an expression that does not compile, which only a change of the spec can mend.
 */
export function readyExpressionProblem(
  { readyExpr, name, namespace }: ExpressedDependency,
  objects: { self: KubeObject; dep: KubeObject },
): string | undefined {
  const program = compileReadyExpression(readyExpr, name);
  try {
    if (evaluateBoolean(program, objects)) return undefined;
    return `dependency '${namespace}/${name}' is not ready according to readyExpr eval`;
  } catch (error) {
    return messageOf(error);
  }
}

function compileReadyExpression(expression: string, name: string): CelProgram {
  try {
    return compileCel(expression, { variables: ['self', 'dep'], result: 'bool' });
  } catch (cause) {
    const text = messageOf(cause);
    const isTypeMismatch = text.startsWith('CEL expression output type mismatch');
    const problem = isTypeMismatch ? text : `failed to parse the CEL expression '${expression}': ${text}`;
    throw new HealthExpressionError(`terminal error: failed to evaluate dependency ${name}: ${problem}`, { cause });
  }
}
