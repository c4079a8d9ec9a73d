import type { Kustomization, SubstituteReference } from '@flux/api';
import { gvkOf, isNotFound, type KubeObject } from '@flux/apimachinery';
import { EnvsubstError, isSubstitutionDisabled, substituteVariables } from '@flux/envsubst';
import { messageOf } from '@flux/errors';
import { ReconcileError } from '@flux/runtime';
import type { KustomizationRun } from '../deps.ts';

/** The objects after post-build substitution (KUS-SUB-01..11); without `spec.postBuild` they are as they were. */
export async function substitute(
  run: KustomizationRun,
  objects: readonly KubeObject[],
): Promise<readonly KubeObject[]> {
  const { postBuild } = run.object.spec;
  if (!postBuild) return objects;
  const options = {
    strict: run.deps.settings.strictSubstitutions,
    always: postBuild.substituteStrategy === 'Always',
  };
  // read when the first object needs them: a build without such objects never notices that one is missing
  let variables: Promise<Record<string, string>> | undefined;
  const results: KubeObject[] = [];
  for (const object of objects) {
    if (isSubstitutionDisabled(object)) {
      results.push(object);
      continue;
    }
    try {
      variables ??= readVariables(run);
      results.push(substituteVariables(object, await variables, options) ?? object);
    } catch (cause) {
      throw failure(object, cause);
    }
  }
  return results;
}

function failure(object: KubeObject, cause: unknown): unknown {
  if (!(cause instanceof EnvsubstError || cause instanceof VariableSourceError)) return cause;
  const { group, version, kind } = gvkOf(object);
  const id = `${kind}.${version}.${group === '' ? '[noGrp]' : group}/${object.metadata.name}`;
  return new ReconcileError('BuildFailed', `post build failed for '${id}': ${cause.message}`, { cause });
}

class VariableSourceError extends Error {}

/** KUS-SUB-03: later references win over earlier ones, inline variables over all. */
async function readVariables(run: KustomizationRun): Promise<Record<string, string>> {
  const { substituteFrom = [], substitute: inline = {} } = run.object.spec.postBuild ?? {};
  const entries: [string, string][] = [];
  for (const reference of substituteFrom) entries.push(...(await readReference(run, reference)));
  return Object.fromEntries([...entries, ...Object.entries(inline)]);
}

async function readReference(run: KustomizationRun, reference: SubstituteReference): Promise<[string, string][]> {
  const { kind, name, optional } = reference;
  const namespace = (run.object as Kustomization).metadata.namespace ?? '';
  try {
    const found = await run.cluster.get({ apiVersion: 'v1', kind, name, namespace }, { signal: run.signal });
    const data: Record<string, string> = found['data'] ?? {};
    const decode = kind === 'Secret' ? (value: string) => Buffer.from(value, 'base64').toString('utf8') : String;
    return Object.entries(data).map(([key, value]) => [key, decode(value)]);
  } catch (cause) {
    run.signal.throwIfAborted();
    if (optional && isNotFound(cause)) return [];
    const text = messageOf(cause);
    throw new VariableSourceError(`substitute from '${kind}/${name}' error: ${text}`, { cause });
  }
}
