import { helmReleaseNameLabel } from '@flux/api';
import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { identityOf, mapConcurrently } from '@flux/ssa';
import { objectId } from '../object-id.ts';
import { accessOf } from './account-access.ts';
import { isDefinition, isFluxGroup, storedKindOf } from './flux-definitions.ts';
import { helmSelector, helmStorageOf, releaseOf, storageKey } from './helm-storage.ts';
import { portableObject } from './portable-object.ts';
import { referencesOf } from './references.ts';
import type { Snapshot } from './snapshot.ts';

export interface CollectOptions {
  /** One namespace instead of all. */
  namespace?: string;
  secrets: boolean;
  /** Receives what a user should know of the backup. */
  warn(text: string): void;
}

const concurrency = 10;
const secrets = { apiVersion: 'v1', kind: 'Secret' };

/**
 * The objects of Flux with their definitions and namespaces, and what they cannot work without: Secrets, ConfigMaps and
 * ServiceAccounts that they name, the access of these accounts, and the releases of HelmReleases as Helm stores them.
 */
export async function collectFlux(snapshot: Snapshot, options: CollectOptions): Promise<KubeObject[]> {
  const definitions = (
    await snapshot.list({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' })
  ).filter(({ spec }) => isFluxGroup(spec.group));
  const own: KubeObject[] = [];
  const { namespace } = options;
  for (const definition of definitions) {
    const isNamespaced = definition['spec'].scope === 'Namespaced';
    const found = await snapshot.list(storedKindOf(definition), namespace && isNamespaced ? { namespace } : {});
    own.push(...found.filter((object) => !isGenerated(object)));
  }
  const found = new ObjectSet(own);
  await addReferences(snapshot, own, found, options);
  found.add(await accessOf(snapshot, found.ofKind('ServiceAccount')));
  if (options.secrets) found.add(await releaseSecrets(snapshot, own));
  const names = new Set(found.all().map(({ metadata }) => metadata.namespace ?? ''));
  const namespaces = await snapshot.list({ apiVersion: 'v1', kind: 'Namespace' });
  const objects = [...definitions, ...namespaces.filter(({ metadata }) => names.has(metadata.name)), ...found.all()];
  const isOwn = new Set(own);
  return objects.map((object) => portableObject(object, { keepStatus: isOwn.has(object) && !isDefinition(object) }));
}

/** The chart of a HelmRelease's template: its controller makes it anew. */
function isGenerated({ kind, metadata }: KubeObject): boolean {
  return kind === 'HelmChart' && metadata.labels?.[helmReleaseNameLabel] !== undefined;
}

/** What is named, and what that names again: the Secrets with which an account pulls images. */
async function addReferences(
  snapshot: Snapshot,
  own: readonly KubeObject[],
  found: ObjectSet,
  { secrets: withSecrets, warn }: CollectOptions,
): Promise<void> {
  const users = new Map<string, string>();
  const wanted: ObjectRef[] = [];
  const want = (user: KubeObject, refs: readonly ObjectRef[]) => {
    for (const ref of refs) {
      if ((ref.kind === 'Secret' && !withSecrets) || users.has(identityOf(ref))) continue;
      users.set(identityOf(ref), `${user.kind} ${user.metadata.namespace}/${user.metadata.name}`);
      wanted.push(ref);
    }
  };
  for (const object of own) want(object, referencesOf(object));
  while (wanted.length > 0) {
    await mapConcurrently(wanted.splice(0), concurrency, async (ref) => {
      const object = await snapshot.find(ref);
      if (object) found.add([object]);
      else warn(`${ref.kind} ${ref.namespace}/${ref.name} does not exist; ${users.get(identityOf(ref))} refers to it`);
      if (object?.kind === 'ServiceAccount') want(object, pullSecretsOf(object));
    });
  }
}

/** The Secrets in which Helm keeps the releases of the HelmReleases. */
async function releaseSecrets(snapshot: Snapshot, own: readonly KubeObject[]): Promise<KubeObject[]> {
  const storages = own.flatMap(helmStorageOf);
  const keys = new Set(storages.map(storageKey));
  const found: KubeObject[] = [];
  for (const namespace of new Set(storages.map((storage) => storage.namespace))) {
    found.push(...(await snapshot.list(secrets, { namespace, labelSelector: helmSelector })));
  }
  return found.filter((secret) => {
    const release = releaseOf(secret);
    return release !== undefined && keys.has(storageKey(release));
  });
}

function pullSecretsOf({ metadata, imagePullSecrets }: KubeObject): ObjectRef[] {
  const { namespace = '' } = metadata;
  if (!Array.isArray(imagePullSecrets)) return [];
  return imagePullSecrets.map((secret) => ({ ...secrets, namespace, name: String(secret?.name) }));
}

/** Objects by identity: what two objects refer to is kept once. */
class ObjectSet {
  readonly #objects = new Map<string, KubeObject>();

  constructor(objects: readonly KubeObject[]) {
    this.add(objects);
  }

  add(objects: readonly KubeObject[]): void {
    for (const object of objects) this.#objects.set(objectId(object), object);
  }

  all(): KubeObject[] {
    return [...this.#objects.values()];
  }

  ofKind(kind: string): KubeObject[] {
    return this.all().filter((object) => object.kind === kind);
  }
}
