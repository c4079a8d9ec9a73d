import type { Kustomization, SubstituteReference } from '@flux/api';
import type { Cluster } from '@flux/client';
import { FluxError } from '@flux/errors';

/** Variables of a Kustomization's post-build substitution cannot be read. */
class VariablesError extends FluxError {
  override readonly code = 'SUBSTITUTE_FROM';
}

/** All variables of `spec.postBuild`: later references win over earlier ones, inline values over all. */
export async function postBuildVariables(
  { spec, metadata }: Kustomization,
  cluster: Cluster | undefined,
): Promise<Record<string, string>> {
  const variables = new Map<string, string>();
  for (const reference of cluster ? (spec.postBuild?.substituteFrom ?? []) : []) {
    const found = await readReference(cluster as Cluster, reference, metadata.namespace ?? '');
    for (const [name, value] of Object.entries(found)) variables.set(name, value);
  }
  for (const [name, value] of Object.entries(spec.postBuild?.substitute ?? {})) variables.set(name, value);
  return Object.fromEntries(variables);
}

async function readReference(
  cluster: Cluster,
  { kind, name, optional }: SubstituteReference,
  namespace: string,
): Promise<Record<string, string>> {
  const object = await cluster.find({ apiVersion: 'v1', kind, namespace, name });
  if (!object) {
    if (optional) return {};
    throw new VariablesError(`substitute from '${kind}/${name}' error: ${kind.toLowerCase()}s "${name}" not found`);
  }
  const data: Record<string, string> = object['data'] ?? {};
  if (kind === 'ConfigMap') return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}
