import type { Kustomization, KustomizationDependency } from '@flux/api';
import { type CelProgram, compileCel } from '@flux/cel';
import { formatDuration } from '@flux/gotypes';
import { isReady, ReconcileError } from '@flux/runtime';
import { evaluateBoolean } from '@flux/ssa';
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
  const namespace = dependency.namespace ?? object.metadata.namespace ?? '';
  const id = `${namespace}/${dependency.name}`;
  let found: Kustomization;
  try {
    const { apiVersion, kind } = object;
    found = await cluster.get<Kustomization>({ apiVersion, kind, namespace, name: dependency.name }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    return `dependency '${id}' not found: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (dependency.readyExpr) {
    const problem = evaluateReadyExpr(object, found, dependency, id);
    if (problem !== undefined || !deps.settings.addsReadyExpr) return problem;
  }
  return builtInProblem(object, found, { id, revision });
}

/** KUS-DEP-02. */
function evaluateReadyExpr(
  object: Kustomization,
  dependency: Kustomization,
  { name, readyExpr = '' }: KustomizationDependency,
  id: string,
): string | undefined {
  const program = compileReadyExpr(readyExpr, name);
  try {
    if (evaluateBoolean(program, { self: object, dep: dependency })) return undefined;
    return `dependency '${id}' is not ready according to readyExpr eval`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function compileReadyExpr(expression: string, name: string): CelProgram {
  try {
    return compileCel(expression, { variables: ['self', 'dep'], result: 'bool' });
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const isTypeMismatch = text.startsWith('CEL expression output type mismatch');
    const problem = isTypeMismatch ? text : `failed to parse the CEL expression '${expression}': ${text}`;
    throw new ReconcileError(
      'InvalidCELExpression',
      `Reconciliation failed terminally due to configuration error: terminal error: failed to evaluate dependency ${name}: ${problem}`,
      { retry: 'stalled', observed: true, cause },
    );
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
