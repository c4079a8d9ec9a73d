import type { Kustomization, KustomizationDependency } from '@flux/api';
import { messageOf } from '@flux/errors';
import { formatDuration } from '@flux/gotypes';
import { invalidExpression, isReady, ReconcileError } from '@flux/runtime';
import { HealthExpressionError, readyExpressionProblem } from '@flux/ssa';
import type { KustomizationRun } from '../deps.ts';
import { sourceRefOf } from './resolve-source.ts';

/** Throws DependencyNotReady for the first dependency that is not met, in the order of the spec (KUS-DEP-01..04). */
export async function checkDependencies(run: KustomizationRun, revision: string): Promise<void> {
  for (const dependency of run.object.spec.dependsOn ?? []) {
    const problem = await findProblem(run, dependency, revision);
    if (problem !== undefined) throw notReady(run, problem);
  }
}

function notReady({ deps }: KustomizationRun, message: string): ReconcileError {
  const afterMs = deps.settings.requeueDependencyMs;
  const eventMessage = `Dependencies do not meet ready condition, retrying in ${formatDuration(afterMs)}`;
  return new ReconcileError('DependencyNotReady', message, { retry: { afterMs }, event: 'normal', eventMessage });
}

async function findProblem(
  run: KustomizationRun,
  dependency: KustomizationDependency,
  revision: string,
): Promise<string | undefined> {
  const { object, deps, cluster, signal } = run;
  const { name, namespace = object.metadata.namespace ?? '', readyExpr } = dependency;
  const id = `${namespace}/${name}`;
  let found: Kustomization;
  try {
    const { apiVersion, kind } = object;
    found = await cluster.get<Kustomization>({ apiVersion, kind, namespace, name }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    return `dependency '${id}' not found: ${messageOf(error)}`;
  }
  if (readyExpr) {
    const problem = evaluate(object, found, { readyExpr, name, namespace });
    if (problem !== undefined || !deps.settings.addsReadyExpr) return problem;
  }
  return builtInProblem(object, found, { id, revision });
}

/** KUS-DEP-02. */
function evaluate(
  object: Kustomization,
  dependency: Kustomization,
  expressed: Parameters<typeof readyExpressionProblem>[0],
): string | undefined {
  try {
    return readyExpressionProblem(expressed, { self: object, dep: dependency });
  } catch (cause) {
    throw cause instanceof HealthExpressionError ? invalidExpression(cause) : cause;
  }
}

/** KUS-DEP-03. */
function builtInProblem(
  object: Kustomization,
  dependency: Kustomization,
  { id, revision }: { id: string; revision: string },
): string | undefined {
  if (!isReady(dependency)) return `dependency '${id}' is not ready`;
  if (!hasSameSource(object, dependency)) return undefined;
  return dependency.status?.lastAppliedRevision === revision
    ? undefined
    : `dependency '${id}' revision is not up to date`;
}

export function hasSameSource(a: Kustomization, b: Kustomization): boolean {
  const [left, right] = [sourceRefOf(a), sourceRefOf(b)];
  return left.kind === right.kind && left.name === right.name && left.namespace === right.namespace;
}
