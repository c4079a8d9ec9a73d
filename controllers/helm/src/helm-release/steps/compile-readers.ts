import type { HelmRelease } from '@flux/api';
import { ReconcileError } from '@flux/runtime';
import { HealthExpressionError, healthExpressionReader, type StatusReader } from '@flux/ssa';

/** The rules of `spec.healthCheckExprs`; invalid ones are terminal (HELM-FLOW-01). */
export function compileReaders({ spec }: HelmRelease): StatusReader[] {
  const expressions = spec.healthCheckExprs ?? [];
  if (expressions.length === 0) return [];
  try {
    return [healthExpressionReader(expressions)];
  } catch (cause) {
    if (!(cause instanceof HealthExpressionError)) throw cause;
    const message = `Reconciliation failed terminally due to configuration error: ${cause.message}`;
    throw new ReconcileError('InvalidCELExpression', message, {
      retry: 'stalled',
      observed: true,
      eventMessage: cause.message,
      eventMetadata: {},
      cause,
    });
  }
}
