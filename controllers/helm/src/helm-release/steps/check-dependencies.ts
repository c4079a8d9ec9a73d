import type { HelmRelease, HelmReleaseDependency } from '@flux/api';
import { type CelProgram, compileCel } from '@flux/cel';
import { isReady, ReconcileError } from '@flux/runtime';
import { evaluateBoolean } from '@flux/ssa';
import type { HelmRun } from '../deps.ts';
import { messageOf } from './pre-release-error.ts';

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
  const namespace = dependency.namespace ?? object.metadata.namespace ?? '';
  const id = `${namespace}/${dependency.name}`;
  let found: HelmRelease;
  try {
    const { apiVersion, kind } = object;
    found = await cluster.get<HelmRelease>({ apiVersion, kind, namespace, name: dependency.name }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    return `unable to get '${id}' dependency: ${messageOf(error)}`;
  }
  if (dependency.readyExpr) {
    const problem = evaluateReadyExpr(object, found, dependency, id);
    if (problem !== undefined || !deps.settings.addsReadyExpr) return problem;
  }
  return isReady(found) ? undefined : `dependency '${id}' is not ready`;
}

function evaluateReadyExpr(
  object: HelmRelease,
  dependency: HelmRelease,
  { name, readyExpr = '' }: HelmReleaseDependency,
  id: string,
): string | undefined {
  const program = compileReadyExpr(readyExpr, name);
  try {
    if (evaluateBoolean(program, { self: object, dep: dependency })) return undefined;
    return `dependency '${id}' is not ready according to readyExpr eval`;
  } catch (error) {
    return messageOf(error);
  }
}

function compileReadyExpr(expression: string, name: string): CelProgram {
  try {
    return compileCel(expression, { variables: ['self', 'dep'], result: 'bool' });
  } catch (cause) {
    const text = messageOf(cause);
    const isTypeMismatch = text.startsWith('CEL expression output type mismatch');
    const problem = isTypeMismatch ? text : `failed to parse the CEL expression '${expression}': ${text}`;
    const bare = `terminal error: failed to evaluate dependency ${name}: ${problem}`;
    throw new ReconcileError(
      'InvalidCELExpression',
      `Reconciliation failed terminally due to configuration error: ${bare}`,
      { retry: 'stalled', observed: true, eventMessage: bare, eventMetadata: {}, cause },
    );
  }
}
