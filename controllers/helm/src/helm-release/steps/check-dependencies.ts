import type { HelmRelease, HelmReleaseDependency } from '@flux/api';
import { messageOf } from '@flux/errors';
import { invalidExpression, isReady, ReconcileError } from '@flux/runtime';
import { HealthExpressionError, readyExpressionProblem } from '@flux/ssa';
import type { HelmRun } from '../deps.ts';

/** Throws DependencyNotReady for the first dependency that is not met, in the order of the spec (HELM-FLOW-05). */
export async function checkDependencies(run: HelmRun): Promise<void> {
  for (const dependency of run.object.spec.dependsOn ?? []) {
    const problem = await findProblem(run, dependency);
    if (problem === undefined) continue;
    const afterMs = run.deps.settings.requeueDependencyMs;
    throw new ReconcileError('DependencyNotReady', problem, { retry: { afterMs }, event: 'normal', eventMetadata: {} });
  }
}

async function findProblem(run: HelmRun, dependency: HelmReleaseDependency): Promise<string | undefined> {
  const { object, deps, cluster, signal } = run;
  const { name, namespace = object.metadata.namespace ?? '', readyExpr } = dependency;
  const id = `${namespace}/${name}`;
  let found: HelmRelease;
  try {
    const { apiVersion, kind } = object;
    found = await cluster.get<HelmRelease>({ apiVersion, kind, namespace, name }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    return `unable to get '${id}' dependency: ${messageOf(error)}`;
  }
  if (readyExpr) {
    const problem = evaluate(object, found, { readyExpr, name, namespace });
    if (problem !== undefined || !deps.settings.addsReadyExpr) return problem;
  }
  return isReady(found) ? undefined : `dependency '${id}' is not ready`;
}

function evaluate(
  object: HelmRelease,
  dependency: HelmRelease,
  expressed: Parameters<typeof readyExpressionProblem>[0],
): string | undefined {
  try {
    return readyExpressionProblem(expressed, { self: object, dep: dependency });
  } catch (cause) {
    if (!(cause instanceof HealthExpressionError)) throw cause;
    throw invalidExpression(cause, { eventMessage: cause.message, eventMetadata: {} });
  }
}
