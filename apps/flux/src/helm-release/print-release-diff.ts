import { isAbsolute, join, relative, resolve } from 'node:path';
import { type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { ownedObject, ReleaseStorage } from '@flux/helm';
import { objectsOf, placeObjects, releaseNameOf, releaseNamespaceOf, storageNamespaceOf } from '@flux/helm-controller';
import { formatRef, isSecret, maskSecretValues, normalizeObjects } from '@flux/ssa';
import { asHelmSaysIt } from '../build/helm-failure.ts';
import type { Context } from '../context.ts';
import { changeLine } from '../diff/change-line.ts';
import { compareValues } from '../diff/compare-values.ts';
import { formatDifferences } from '../diff/format-differences.ts';
import { reportObject } from '../diff/report-object.ts';
import { objectId } from '../object-id.ts';
import type { ReleaseFlags } from './flags.ts';
import { openReleaseSource, type ReadRelease, readRelease } from './read-release.ts';
import { renderRelease } from './render-release.ts';

type Flags = ReleaseFlags & { against: string };

const owner = { field: 'helm-controller', group: 'helm.toolkit.fluxcd.io' };

/** `flux diff helmrelease`: true when releasing would change something, in the cluster or against another folder. */
export async function printReleaseDiff(context: Context, name: string, flags: Flags): Promise<boolean> {
  try {
    const isOffline = flags.against !== '';
    const source = await openReleaseSource(context, flags.path, isOffline);
    const release = await readRelease(context, source, name, flags);
    if (isOffline) return await diffFolders(context, release, name, flags);
    return await diffCluster(context, release, flags);
  } catch (error) {
    throw asHelmSaysIt(error);
  }
}

/** Needs no cluster: both folders are rendered. */
async function diffFolders(context: Context, release: ReadRelease, name: string, flags: Flags): Promise<boolean> {
  const other = await openReleaseSource(context, flags.against, true);
  const before = await readRelease(context, other, name, { ...flags, chart: chartIn(context, flags) });
  const [old, fresh] = [
    objectsOf((await renderRelease(context, before, undefined, flags)).manifest),
    objectsOf((await renderRelease(context, release, undefined, flags)).manifest),
  ];
  const known = new Map(old.map((object) => [objectId(object), object]));
  const texts = fresh.map((object) => {
    const previous = known.get(objectId(object));
    known.delete(objectId(object));
    return compared(context, previous, object);
  });
  const deleted = [...known.values()].map((object) => line(context, object, 'deleted'));
  return write(context, [...texts, ...deleted]);
}

/** A chart inside of the folder is compared with that of the other folder; any other stands for both. */
function chartIn({ cwd }: Context, { chart, path, against }: Flags): string {
  if (chart === '') return '';
  const inside = relative(resolve(cwd, path), resolve(cwd, chart));
  return inside.startsWith('..') || isAbsolute(inside) ? chart : join(resolve(cwd, against), inside);
}

function compared(context: Context, before: KubeObject | undefined, after: KubeObject): string {
  if (!before) return line(context, after, 'created');
  const [old = before, fresh = after] = isSecret(after) ? maskSecretValues(before, after) : [before, after];
  const differences = compareValues(old, fresh);
  return differences.length === 0 ? '' : `${line(context, after, 'drifted')}\n${formatDifferences(differences)}`;
}

async function diffCluster(context: Context, release: ReadRelease, flags: Flags): Promise<boolean> {
  const cluster = await context.cluster();
  const { manifest } = await renderRelease(context, release, cluster, flags);
  const id = { name: releaseNameOf(release.object), namespace: releaseNamespaceOf(release.object) };
  const objects = (await placed(cluster, manifest, release)).map((object) => ownedObject(object, id));
  const rules = { owner, ignore: release.object.spec.driftDetection?.ignore ?? [] };
  const texts: string[] = [];
  for (const object of await normalizeObjects(objects)) {
    texts.push(await reportObject(cluster, object, rules, context.isTerminal));
  }
  const kept = new Set(objects.map((object) => objectId(object)));
  const former = await placed(cluster, await formerManifest(cluster, release), release);
  const gone = former.filter((object) => !kept.has(objectId(object)));
  return write(context, [...texts, ...gone.map((object) => line(context, object, 'deleted'))]);
}

async function placed(cluster: Cluster, manifest: string, { object }: ReadRelease): Promise<KubeObject[]> {
  return (await placeObjects(cluster, objectsOf(manifest), releaseNamespaceOf(object))).objects;
}

/** Of the revision that is deployed now. */
async function formerManifest(cluster: Cluster, { object }: ReadRelease): Promise<string> {
  const namespace = object.status?.storageNamespace ?? storageNamespaceOf(object);
  const storage = new ReleaseStorage({ cluster, namespace, fieldManager: owner.field });
  return (await storage.deployed(releaseNameOf(object)))?.manifest ?? '';
}

function line(context: Context, object: KubeObject, word: 'created' | 'drifted' | 'deleted'): string {
  return changeLine(formatRef(refOf(object)), word, context.isTerminal);
}

function write(context: Context, texts: readonly string[]): boolean {
  const present = texts.filter((text) => text !== '');
  for (const text of present) context.out.data(text);
  return present.length > 0;
}
