import {
  isAlreadyExists,
  isNotFound,
  type JsonObject,
  type KubeObject,
  type ObjectRef,
  parseApiVersion,
  refOf,
} from '@flux/apimachinery';
import type { Cluster, WriteOptions } from '@flux/client';
import { restoreManager, resumeAnnotation } from './compare.ts';
import type { Owners } from './owners.ts';
import type { Plan, Step } from './plan.ts';
import { mergedInventory, restoredStatus } from './restored-status.ts';

/** Resuming is what `flux resume` does. */
const resumeManager = 'flux';

/** What restoring one object needs besides it. */
export interface Restoration {
  cluster: Cluster;
  owners: Owners;
  plan: Plan;
  /** Whether objects of Flux stay suspended. */
  suspend: boolean;
  now: Date;
  signal: AbortSignal;
}

/** Creates or replaces an object as it is in the archive; objects of Flux suspended, and with their status. */
export async function restoreObject(restoration: Restoration, step: Step): Promise<void> {
  const { cluster, owners, plan, signal } = restoration;
  const { object, action } = step;
  if (action === 'same' || action === 'keep') return owners.remember(step.live as KubeObject);
  const pauses = isPausable(plan, object);
  const live = action === 'continue' ? (step.live as KubeObject) : await write(restoration, step, pauses);
  owners.remember(live);
  const ref = refOf(live);
  const options = { fieldManager: restoreManager, signal };
  const willResume = pauses && !restoration.suspend;
  const generation = (live.metadata.generation ?? 1) + (willResume ? 1 : 0);
  const status =
    action === 'replace'
      ? mergedInventory(object, step.live as KubeObject)
      : restoredStatus(object, { generation, continues: plan.releases.continues(object), now: restoration.now });
  if (status !== undefined) await writeStatus(cluster, ref, status, options);
  const { managedFields } = object.metadata;
  if (managedFields === undefined) return;
  // Who owns which field decides what later applies remove.
  const operation = [{ op: 'replace', path: '/metadata/managedFields', value: managedFields }];
  await cluster.patch(ref, 'json', operation, options);
}

/** Custom kinds may have a status that is no subresource. */
async function writeStatus(cluster: Cluster, ref: ObjectRef, status: JsonObject, options: WriteOptions): Promise<void> {
  try {
    await cluster.patch(ref, 'merge', { status }, { ...options, subresource: 'status' });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await cluster.patch(ref, 'merge', { status }, options);
  }
}

/** Lets an object of Flux run that was suspended for the restore only. Answers whether there was something to do. */
export async function resumeObject({ cluster, plan, suspend, signal }: Restoration, step: Step): Promise<boolean> {
  const { object, action } = step;
  if (suspend || action === 'same' || !isPausable(plan, object)) return false;
  const patch = {
    metadata: { annotations: { [resumeAnnotation]: null } },
    spec: { suspend: object['spec']?.suspend ?? null },
  };
  await cluster.patch(refOf(object), 'merge', patch, { fieldManager: resumeManager, signal });
  return true;
}

function isPausable({ suspendable }: Plan, object: KubeObject): boolean {
  return (
    suspendable.has(`${parseApiVersion(object.apiVersion).group}/${object.kind}`) && object['spec']?.suspend !== true
  );
}

async function write(restoration: Restoration, { object, live }: Step, pauses: boolean): Promise<KubeObject> {
  const { cluster, owners, suspend, signal } = restoration;
  const { status: _, ...content } = object;
  const { generation, managedFields, ownerReferences, ...metadata } = object.metadata;
  const links = await owners.linksOf(object);
  const mark = pauses && !suspend ? { annotations: { ...metadata.annotations, [resumeAnnotation]: 'true' } } : {};
  const { uid, resourceVersion } = live?.metadata ?? {};
  const draft: KubeObject = {
    ...content,
    ...(pauses ? { spec: { ...object['spec'], suspend: true } } : {}),
    metadata: {
      ...metadata,
      ...mark,
      ...(links.length > 0 ? { ownerReferences: links } : {}),
      ...(uid !== undefined && resourceVersion !== undefined ? { uid, resourceVersion } : {}),
    },
  } as KubeObject;
  const options = { fieldManager: restoreManager, signal };
  if (live) return cluster.update(draft, options);
  try {
    return await cluster.create(draft, options);
  } catch (error) {
    const rival =
      isAlreadyExists(error) && isInNewNamespace(restoration.plan, object) && (await cluster.get(refOf(object)));
    if (!rival) throw error;
    // The control plane was faster, as with the account `default`; nobody else knows the namespace yet.
    return write(restoration, { object, live: rival, action: 'replace' }, pauses);
  }
}

function isInNewNamespace({ namespaces }: Plan, { metadata }: KubeObject): boolean {
  return namespaces.some(({ object, action }) => action === 'create' && object.metadata.name === metadata.namespace);
}
