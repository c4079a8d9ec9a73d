import { createHash } from 'node:crypto';
import type { Kustomization } from '@flux/api';
import { formatSubject, type KubeObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { ReconcileError } from '@flux/runtime';
import { isSecret, kustomizeOwner, normalizeObjects, ownerLabels, withMetadata } from '@flux/ssa';
import { formatYaml } from '@flux/yaml';

/** KUS-BUILD-07: identifies the rendered objects in `status.history`. */
export function digestOf(objects: readonly KubeObject[]): string {
  const hash = createHash('sha256');
  for (const [index, object] of objects.entries()) hash.update(`${index > 0 ? '---\n' : ''}${formatYaml(object)}`);
  return `sha256:${hash.digest('hex')}`;
}

/** The rendered objects as they are applied: owned, in normal form, with common metadata (KUS-APPLY-02, KUS-APPLY-03). */
export async function prepareObjects(owner: Kustomization, rendered: readonly KubeObject[]): Promise<KubeObject[]> {
  const { name, namespace = '' } = owner.metadata;
  const labels = ownerLabels(kustomizeOwner.group, name, namespace);
  const owned = withMetadata(rendered.flatMap(expandList).filter(isApplied), { labels });
  const objects = withMetadata(await normalize(owned), owner.spec.commonMetadata ?? {});
  for (const object of objects) refuseEncrypted(object);
  return objects;
}

async function normalize(objects: readonly KubeObject[]): Promise<KubeObject[]> {
  try {
    return await normalizeObjects(objects);
  } catch (cause) {
    if (!(cause instanceof FluxError)) throw cause;
    throw new ReconcileError('ReconciliationFailed', cause.message, { cause });
  }
}

function expandList(object: KubeObject): KubeObject[] {
  const items: unknown = object['items'];
  return object.kind.endsWith('List') && Array.isArray(items) ? (items as KubeObject[]) : [object];
}

/** Documents without identity, and kustomize's own configuration, are left out without a word. */
function isApplied(object: KubeObject): boolean {
  if (!object.apiVersion || !object.kind || !object.metadata?.name) return false;
  return !(object.kind.toLowerCase() === 'kustomization' && object.apiVersion.startsWith('kustomize.config.k8s.io/'));
}

const decryptAnnotation = 'kustomize.toolkit.fluxcd.io/decrypt';

/** KUS-DEC-12: only a Secret that kept its `sops` field through normalisation is noticed. */
function refuseEncrypted(object: KubeObject): void {
  if (!isSecret(object) || !('sops' in object)) return;
  if (object.metadata.annotations?.[decryptAnnotation]?.toLowerCase() === 'disabled') return;
  const problem = 'is SOPS encrypted, configuring decryption is required for this secret to be reconciled';
  throw new ReconcileError('ReconciliationFailed', `${formatSubject(object)} ${problem}`);
}
