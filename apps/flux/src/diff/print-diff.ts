import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import {
  formatRef,
  inventoryOf,
  kustomizeApplyRules,
  normalizeObjects,
  parseInventoryEntry,
  staleEntries,
} from '@flux/ssa';
import { findKustomization } from '../build/find-kustomization.ts';
import type { LocalBuildFlags } from '../build/flags.ts';
import { buildLocally, nestedKustomizations } from '../build/local-build.ts';
import { folderOf, type LocalSources, parseLocalSources } from '../build/local-sources.ts';
import type { Context } from '../context.ts';
import { changeLine } from './change-line.ts';
import { reportObject } from './report-object.ts';

type Flags = LocalBuildFlags & { 'ignore-not-found': boolean };

interface DiffRun {
  context: Context;
  cluster: Cluster;
  flags: Flags;
  sources: LocalSources;
}

/** `flux diff kustomization`: true when applying would change something (spec cli 11). */
export async function printDiff(context: Context, name: string, path: string, flags: Flags): Promise<boolean> {
  const owner = await findKustomization(context, {
    name,
    file: flags['kustomization-file'],
    offline: false,
    ignoreNotFound: flags['ignore-not-found'],
  });
  const sources = parseLocalSources(flags['local-sources'], context.cwd);
  const run: DiffRun = { context, cluster: await context.cluster(), flags, sources };
  return diffTree(run, owner, path, new Set(), (text) => context.out.data(text));
}

/** Diffs a Kustomization, and with `--recursive` those that it contains. */
async function diffTree(
  run: DiffRun,
  owner: Kustomization,
  path: string,
  seen: ReadonlySet<string>,
  write: (text: string) => void,
): Promise<boolean> {
  const { flags, cluster, context } = run;
  const objects = await buildLocally({
    owner,
    path,
    ignorePaths: flags['ignore-paths'],
    strict: flags['strict-substitute'],
    cluster,
  });
  const visited = new Set([...seen, keyOf(owner)]);
  const { force = false, ignore = [] } = owner.spec;
  const rules = { ...kustomizeApplyRules(), force, ignore };
  let hasChanged = false;
  for (const object of await normalizeObjects(objects)) {
    const text = await reportObject(cluster, object, rules, context.isTerminal);
    if (text !== '') write(text);
    hasChanged ||= text !== '';
    for (const child of flags.recursive ? nestedKustomizations([object]) : []) {
      if (!visited.has(keyOf(child))) hasChanged = (await diffNested(run, child, visited, write)) || hasChanged;
    }
  }
  return reportDeleted(run, owner, objects, write) || hasChanged;
}

async function diffNested(
  run: DiffRun,
  child: Kustomization,
  seen: ReadonlySet<string>,
  write: (text: string) => void,
): Promise<boolean> {
  const subject = `Kustomization/${keyOf(child)}`;
  if (child.spec.kubeConfig) {
    run.context.out.warning(`${subject} skipped: diff not supported for remote clusters`);
    return false;
  }
  const lines: string[] = [];
  const live = await findLive(run.cluster, child);
  const hasChanged = await diffTree(run, { ...child, ...live }, folderOf(child, run.sources), seen, (text) =>
    lines.push(text),
  );
  if (hasChanged) write(`📁 ${subject} changed\n${lines.join('')}`);
  return hasChanged;
}

/** The inventory of a nested Kustomization is in the cluster only. */
async function findLive(
  cluster: Cluster,
  { apiVersion, kind, metadata }: Kustomization,
): Promise<Partial<Pick<Kustomization, 'status'>>> {
  const { name, namespace = '' } = metadata;
  const live = await cluster.find<Kustomization>({ apiVersion, kind, name, namespace });
  return live?.status ? { status: live.status } : {};
}

function reportDeleted(
  { context }: DiffRun,
  { spec, status }: Kustomization,
  objects: readonly KubeObject[],
  write: (text: string) => void,
): boolean {
  if (!spec.prune || !status?.inventory) return false;
  const next = inventoryOf(objects.map((object) => ({ action: 'unchanged', ref: refOfObject(object) })));
  const stale = staleEntries(status.inventory, next).map(parseInventoryEntry);
  for (const ref of stale) write(changeLine(formatRef(ref), 'deleted', context.isTerminal));
  return stale.length > 0;
}

function refOfObject({ apiVersion, kind, metadata }: KubeObject) {
  const { name, namespace } = metadata;
  return { apiVersion, kind, name, ...(namespace ? { namespace } : {}) };
}

function keyOf({ metadata }: Kustomization): string {
  return `${metadata.namespace}/${metadata.name}`;
}
