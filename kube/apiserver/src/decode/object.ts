import type { KubeObject } from '@flux/apimachinery';
import { decodeStruct } from './go-types.ts';
import type { DecodeContext } from './go-value.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Decodes an object of a built-in kind. */
export function decodeObject(definition: string, value: unknown, context: DecodeContext): KubeObject {
  const object = decodeStruct(definition, value, context) as unknown as KubeObject;
  keepReset(object, value);
  delete (object.metadata as unknown as Record<string, unknown>)['selfLink'];
  return object;
}

/** Decodes the metadata of a custom resource. */
export function decodeMetadata(value: unknown): KubeObject['metadata'] {
  const metadata = decodeStruct(objectMeta, value ?? {}, { strict: [] }) as unknown as KubeObject['metadata'];
  keepReset({ metadata }, { metadata: value });
  return metadata;
}

/** An empty list is dropped by Go's types, yet an empty managedFields asks for a reset (KUBE-SSA-04). */
function keepReset({ metadata }: Pick<KubeObject, 'metadata'>, value: unknown): void {
  const sent = (value as { metadata?: { managedFields?: unknown } } | null)?.metadata?.managedFields;
  if (Array.isArray(sent) && sent.length === 0) metadata.managedFields = [];
}
