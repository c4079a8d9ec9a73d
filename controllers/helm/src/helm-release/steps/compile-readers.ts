import type { HelmRelease } from '@flux/api';
import { invalidExpression } from '@flux/runtime';
import { HealthExpressionError, healthExpressionReader, type StatusReader } from '@flux/ssa';

/** The rules of `spec.healthCheckExprs`; invalid ones are terminal (HELM-FLOW-01). */
export function compileReaders({ spec }: HelmRelease): StatusReader[] {
  const expressions = spec.healthCheckExprs ?? [];
  if (expressions.length === 0) return [];
  try {
    return [healthExpressionReader(expressions)];
  } catch (cause) {
    if (!(cause instanceof HealthExpressionError)) throw cause;
    throw invalidExpression(cause, { eventMessage: cause.message, eventMetadata: {} });
  }
}
