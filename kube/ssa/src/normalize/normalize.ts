import { formatSubject, gvkOf, type KubeObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { fieldAt } from '../kstatus/fields.ts';
import { ConversionError } from './conversion-error.ts';
import { TypedConverter, type TypedFields } from './typed.ts';

/** An object cannot be brought into the form in which it is applied. */
export class NormalizeError extends FluxError {
  override readonly code = 'NORMALIZE_FAILED';
}

let converter: Promise<TypedConverter> | undefined;

function loadConverter(): Promise<TypedConverter> {
  converter ??= import('./typed-fields.generated.json', { with: { type: 'json' } }).then(
    (module) => new TypedConverter(module.default as TypedFields),
  );
  return converter;
}

/**
 * The objects as they are sent to the server (KUS-APPLY-03): built-in kinds pass through their Go types, protocols and
 * `stringData` are filled in, status and creationTimestamp are dropped. Roles and ClusterRoles stay as written.
 */
export async function normalizeObjects(objects: readonly KubeObject[]): Promise<KubeObject[]> {
  const typed = await loadConverter();
  return objects.map((object) => (isExempt(object) ? object : normalizeObject(object, typed)));
}

function isExempt(object: KubeObject): boolean {
  return (
    object.apiVersion === 'rbac.authorization.k8s.io/v1' && (object.kind === 'Role' || object.kind === 'ClusterRole')
  );
}

function normalizeObject(object: KubeObject, typed: TypedConverter): KubeObject {
  const result = convertIfTyped(object, typed);
  if (typeof result.metadata !== 'object' || result.metadata === null || Array.isArray(result.metadata)) {
    throw new NormalizeError(`${formatSubject(object)} normalization error: metadata is not a map`);
  }
  const { status, metadata, ...rest } = result;
  const { creationTimestamp: _, ...meta } = metadata;
  // CRDs keep their status: kstatus reads the applied object
  const kept = isCustomResourceDefinition(object) && status !== undefined ? { status } : {};
  return { ...rest, ...kept, metadata: meta } as KubeObject;
}

function convertIfTyped(object: KubeObject, typed: TypedConverter): KubeObject {
  if (!typed.knows(object)) return object;
  try {
    return fillDefaults(typed.convert(object));
  } catch (error) {
    if (error instanceof ConversionError) return object;
    throw error;
  }
}

export function isCustomResourceDefinition(object: { apiVersion: string; kind: string }): boolean {
  return (
    object.kind.toLowerCase() === 'customresourcedefinition' && object.apiVersion.startsWith('apiextensions.k8s.io/')
  );
}

const podTemplatePaths: Readonly<Record<string, readonly string[]>> = {
  'v1/Pod': ['spec'],
  'apps/v1/Deployment': ['spec', 'template', 'spec'],
  'apps/v1/StatefulSet': ['spec', 'template', 'spec'],
  'apps/v1/DaemonSet': ['spec', 'template', 'spec'],
  'apps/v1/ReplicaSet': ['spec', 'template', 'spec'],
  'batch/v1/Job': ['spec', 'template', 'spec'],
  'batch/v1/CronJob': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** Changes the converted copy: without a protocol, list keys of ports would not match the server's. */
function fillDefaults(object: KubeObject): KubeObject {
  const id = `${object.apiVersion}/${object.kind}`;
  const path = podTemplatePaths[id];
  if (path) {
    for (const container of listAt(object, ...path, 'containers')) fillProtocols(listAt(container, 'ports'));
  }
  if (id === 'v1/Service') fillProtocols(listAt(object, 'spec', 'ports'));
  if (id === 'v1/Secret') mergeStringData(object);
  return object;
}

function listAt(object: unknown, ...path: string[]): unknown[] {
  const list = fieldAt(object, ...path);
  return Array.isArray(list) ? list : [];
}

function fillProtocols(ports: unknown[]): void {
  for (const port of ports) {
    if (typeof port !== 'object' || port === null) continue;
    const entry = port as { protocol?: string };
    if (!entry.protocol) entry.protocol = 'TCP';
  }
}

function mergeStringData(secret: KubeObject): void {
  const texts: Record<string, string> | undefined = secret['stringData'];
  if (!texts) return;
  const encoded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')]);
  secret['data'] = { ...secret['data'], ...Object.fromEntries(encoded) };
  delete secret['stringData'];
}

/** Whether kind and group are those of a Secret of the core group. */
export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return gvkOf(object).group === '' && object.kind.toLowerCase() === 'secret' && object.apiVersion === 'v1';
}
