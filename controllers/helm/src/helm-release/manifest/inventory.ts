import { refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type Chart, crdsOf, type Release } from '@flux/helm';
import { type Inventory, inventoryEntryOf } from '@flux/ssa';
import { objectsOf } from './manifest-objects.ts';
import { placeObjects } from './place-objects.ts';

/** The objects of a release, those of `crds/` last; and what could not be found out (HELM-STAT-06). */
export async function inventoryOfRelease(
  cluster: Pick<Cluster, 'mapping'>,
  release: Release,
  chart: Chart,
): Promise<{ inventory: Inventory; problems: string[] }> {
  const { objects, problems } = await placeObjects(cluster, objectsOf(release.manifest), release.namespace);
  const crds = crdsOf(chart).flatMap(({ file }) => objectsOf(Buffer.from(file.data).toString('utf8')));
  const entries = [...objects, ...crds].map((object) => inventoryEntryOf(refOf(object)));
  return { inventory: { entries }, problems };
}
