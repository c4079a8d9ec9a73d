import { formatSubject, type KubeObject } from '@flux/apimachinery';
import { type Cluster, NoMatchError } from '@flux/client';
import { isDefinition, isOfFlux } from '../backup/flux-definitions.ts';
import type { Backup } from '../backup/format.ts';
import { objectId } from '../object-id.ts';
import { listAll } from '../objects.ts';
import { isSame, isUnfinished } from './compare.ts';
import { decideReleases, type Releases } from './releases.ts';
import { RestoreError } from './restore-error.ts';

/** `continue`: an earlier restore created it and was interrupted. `keep`: the cluster's own one serves. */
export type Action = 'create' | 'replace' | 'continue' | 'same' | 'keep';

export interface Step {
  object: KubeObject;
  action: Action;
  live?: KubeObject;
}

export interface Plan {
  definitions: Step[];
  namespaces: Step[];
  /** Everything but the objects of Flux. */
  others: Step[];
  /** Sources first. */
  flux: Step[];
  /** Kinds, as `group/kind`, that can be suspended. */
  suspendable: ReadonlySet<string>;
  releases: Releases;
}

const shownConflicts = 10;

/** Looks at the cluster and decides what to do with each object; nothing is written. Throws when it may not go on. */
export async function planRestore(
  cluster: Cluster,
  { objects }: Backup,
  { overwrite }: { overwrite: boolean },
): Promise<Plan> {
  const releases = await decideReleases(cluster, objects);
  const wanted = objects.filter((object) => releases.keeps(object));
  const live = await readLive(cluster, wanted);
  const steps = wanted.map((object) => stepOf(object, live.get(objectId(object))));
  const conflicts = steps.filter(({ action }) => action === 'replace');
  if (conflicts.length > 0 && !overwrite) refuseConflicts(conflicts);
  const isFlux = ({ object }: Step) => isOfFlux(object);
  const isSource = ({ object }: Step) => object.apiVersion.startsWith('source.');
  const definitions = steps.filter(({ object }) => isDefinition(object));
  const namespaces = steps.filter(({ object }) => isNamespace(object));
  const flux = steps.filter(isFlux);
  return {
    definitions,
    namespaces,
    others: steps.filter((step) => !isDefinition(step.object) && !isNamespace(step.object) && !isFlux(step)),
    flux: [...flux.filter(isSource), ...flux.filter((step) => !isSource(step))],
    suspendable: suspendableKinds(definitions),
    releases,
  };
}

function isNamespace({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Namespace';
}

/** What is in the cluster of the kinds and namespaces of the archive, by id. */
async function readLive(cluster: Cluster, objects: readonly KubeObject[]): Promise<Map<string, KubeObject>> {
  const places = new Map<string, { kind: { apiVersion: string; kind: string }; namespace: string | undefined }>();
  for (const { apiVersion, kind, metadata } of objects) {
    const { namespace } = metadata;
    places.set(`${apiVersion} ${kind} ${namespace ?? ''}`, { kind: { apiVersion, kind }, namespace });
  }
  const live = new Map<string, KubeObject>();
  for (const { kind, namespace } of places.values()) {
    try {
      for (const object of await listAll(cluster, kind, namespace ? { namespace } : {})) {
        live.set(objectId(object), object);
      }
    } catch (error) {
      if (!(error instanceof NoMatchError)) throw error;
    }
  }
  return live;
}

function stepOf(object: KubeObject, live: KubeObject | undefined): Step {
  if (!live) return { object, action: 'create' };
  if (live.metadata.deletionTimestamp !== undefined) {
    throw new RestoreError(`${formatSubject(object)} is being deleted; wait until it is gone`);
  }
  if (isNamespace(object)) return { object, live, action: 'keep' };
  if (isDefinition(object)) {
    checkServes(object, live);
    return { object, live, action: 'keep' };
  }
  if (isUnfinished(live)) return { object, live, action: 'continue' };
  return { object, live, action: isSame(object, live) ? 'same' : 'replace' };
}

/** The cluster's definition stays, be it older or newer, as long as it knows the version of the objects. */
function checkServes(archived: KubeObject, live: KubeObject): void {
  const versionsOf = ({ spec }: KubeObject) =>
    (spec.versions ?? []) as { name: string; storage?: boolean; served?: boolean }[];
  const needed = versionsOf(archived).find(({ storage }) => storage)?.name;
  if (versionsOf(live).some(({ name, served }) => name === needed && served !== false)) return;
  throw new RestoreError(
    `the cluster's ${live.metadata.name} does not serve ${needed}, in which the archive holds its objects; install a version of Flux that does`,
  );
}

function suspendableKinds(definitions: readonly Step[]): Set<string> {
  const kinds = new Set<string>();
  for (const { object, live } of definitions) {
    const { spec } = live ?? object;
    const versions = (spec.versions ?? []) as { schema?: { openAPIV3Schema?: { properties?: KubeObject } } }[];
    const fields = versions.map(({ schema }) => schema?.openAPIV3Schema?.properties?.['spec']?.properties);
    if (fields.some((properties) => properties?.suspend !== undefined)) kinds.add(`${spec.group}/${spec.names?.kind}`);
  }
  return kinds;
}

function refuseConflicts(conflicts: readonly Step[]): never {
  const names = conflicts.slice(0, shownConflicts).map(({ object }) => formatSubject(object));
  const more = conflicts.length > shownConflicts ? `, and ${conflicts.length - shownConflicts} more` : '';
  const many = conflicts.length > 1;
  throw new RestoreError(
    `${conflicts.length} ${many ? 'objects are' : 'object is'} in the cluster and ${many ? 'differ' : 'differs'} from the archive: ${names.join(', ')}${more}; --overwrite replaces them`,
  );
}
