import type { KubeObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { ReleaseError } from './release-error.ts';
import { describeObject, type ReleaseObject } from './release-objects.ts';

const managedByLabel = 'app.kubernetes.io/managed-by';
const nameAnnotation = 'meta.helm.sh/release-name';
const namespaceAnnotation = 'meta.helm.sh/release-namespace';

interface ReleaseId {
  name: string;
  namespace: string;
}

/** The objects with the metadata that says whose they are (HELM-KUBE-01). */
export function withOwnership(objects: readonly ReleaseObject[], release: ReleaseId): ReleaseObject[] {
  return objects.map((item) => ({ ...item, object: ownedObject(item.object, release) }));
}

/** What an apply makes of an object of the manifest (HELM-KUBE-01). */
export function ownedObject(object: KubeObject, release: ReleaseId): KubeObject {
  const { metadata } = object;
  const labels = { ...metadata.labels, [managedByLabel]: 'Helm' };
  const own = { [nameAnnotation]: release.name, [namespaceAnnotation]: release.namespace };
  return { ...object, metadata: { ...metadata, labels, annotations: { ...metadata.annotations, ...own } } };
}

export interface AdoptionOptions {
  find(item: ReleaseObject): Promise<KubeObject | undefined>;
  takeOwnership: boolean;
  release: ReleaseId;
}

/** Those of the objects that exist already, with their live state; foreign ones are an error unless taken over (HELM-KUBE-02). */
export async function findAdoptions(
  objects: readonly ReleaseObject[],
  options: AdoptionOptions,
): Promise<ReleaseObject[]> {
  const lookups = objects.map(async (item) => (isGenerated(item) ? undefined : findExisting(item, options)));
  const existing: ReleaseObject[] = [];
  for (const [index, result] of (await Promise.allSettled(lookups)).entries()) {
    if (result.status === 'rejected') throw result.reason;
    if (result.value) existing.push({ ...objects[index]!, live: result.value });
  }
  return existing;
}

async function findExisting(item: ReleaseObject, options: AdoptionOptions): Promise<KubeObject | undefined> {
  let live: KubeObject | undefined;
  try {
    live = await options.find(item);
  } catch (error) {
    const text = `could not get information about the resource ${describeObject(item)}: ${messageOf(error)}`;
    throw new ReleaseError(text, { cause: error });
  }
  if (!live || options.takeOwnership) return live;
  const problem = ownershipProblem(live, options.release);
  if (!problem) return live;
  throw new ReleaseError(`${describeObject(item)} exists and cannot be imported into the current release: ${problem}`);
}

/** Whether the server names the object. A name of its own beside that is an error. */
export function isGenerated({ object: { metadata } }: ReleaseObject): boolean {
  if (!metadata.generateName) return false;
  if (metadata.name) throw new ReleaseError('metadata.name and metadata.generateName cannot both be set');
  return true;
}

function ownershipProblem(live: KubeObject, release: ReleaseId): string | undefined {
  const { labels, annotations } = live.metadata;
  const problems = [
    prefixed('label validation error', requireValue(labels, managedByLabel, 'Helm')),
    prefixed('annotation validation error', requireValue(annotations, nameAnnotation, release.name)),
    prefixed('annotation validation error', requireValue(annotations, namespaceAnnotation, release.namespace)),
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : `invalid ownership metadata; ${problems.join('; ')}`;
}

function prefixed(prefix: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${prefix}: ${problem}`;
}

function requireValue(values: Record<string, string> | undefined, key: string, value: string): string | undefined {
  const actual = values && Object.hasOwn(values, key) ? values[key] : undefined;
  if (actual === undefined) return `missing key "${key}": must be set to "${value}"`;
  return actual === value ? undefined : `key "${key}" must equal "${value}": current value is "${actual}"`;
}
