import type { Kind } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster, ListOptions } from '@flux/client';

export function refTo(kind: Kind, namespace: string, name: string): ObjectRef {
  return { apiVersion: kind.apiVersion, kind: kind.kind, namespace, name };
}

/** All objects of a kind, page by page. */
export async function listAll(
  cluster: Cluster,
  kind: { apiVersion: string; kind: string },
  options: ListOptions = {},
): Promise<KubeObject[]> {
  const client = await import('@flux/client');
  return (await client.listAll(cluster, kind, options)).items;
}

export function conditionOf(
  object: KubeObject,
  type: string,
): { status: string; reason: string; message: string } | undefined {
  const conditions: unknown = object['status']?.conditions;
  return Array.isArray(conditions) ? conditions.find((condition) => condition?.type === type) : undefined;
}
