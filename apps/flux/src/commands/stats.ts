import type { Kind } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { formatBinaryBytes } from '@flux/gotypes';
import { defineCommand } from '../command/command.ts';
import { boolFlag } from '../command/flag.ts';
import { kindViews } from '../kinds/index.ts';
import { conditionOf, listAll } from '../objects.ts';
import { formatTable } from '../table.ts';

export const stats = defineCommand({
  doc: 'The stats command prints a report of Flux custom resources present on a cluster,\nincluding their reconcile status and the amount of cumulative storage used for each source type.',
  example:
    '  # Print the stats report for a namespace\n  flux stats --namespace default\n\n  # Print the stats report for the whole cluster\n  flux stats -A',
  flags: { 'all-namespaces': boolFlag('list the statistics for objects across all namespaces', { short: 'A' }) },
  async run({ cluster: open, namespace, out }, { flags }) {
    const cluster = await open();
    const scope = flags['all-namespaces'] ? {} : { namespace };
    const rows: string[][] = [];
    for (const kind of orderedKinds()) rows.push(rowOf(kind.kind, await listOrNone(cluster, kind, scope)));
    out.data(formatTable(['RECONCILERS', 'RUNNING', 'FAILING', 'SUSPENDED', 'STORAGE'], rows));
  },
});

/** As everywhere, but with HelmReleases after Kustomizations (spec cli 5). */
function orderedKinds(): Kind[] {
  const all = kindViews.map(({ kind }) => kind);
  const isRelease = ({ kind }: Kind) => kind === 'HelmRelease';
  return [...all.filter((kind) => !isRelease(kind)), ...all.filter(isRelease)];
}

/** A kind that cannot be listed counts as none (spec cli 5). */
async function listOrNone(cluster: Cluster, kind: Kind, scope: { namespace?: string }): Promise<KubeObject[]> {
  return listAll(cluster, kind, scope).catch(() => []);
}

function rowOf(kind: string, objects: readonly KubeObject[]): string[] {
  const suspended = objects.filter(({ spec }) => spec?.suspend === true).length;
  const failing = objects.filter((object) => conditionOf(object, 'Ready')?.status === 'False').length;
  const bytes = objects.reduce((sum, { status }) => sum + Number(status?.artifact?.size ?? 0), 0);
  return [
    kind,
    ...[objects.length - suspended, failing, suspended].map(String),
    bytes === 0 ? '-' : formatBinaryBytes(bytes),
  ];
}
