import type { KubeObject } from '@flux/apimachinery';
import { messageOf, revisionOf, stateOf } from './object-state.ts';

/** The table that `flux up` ends in: one row for each Flux object, sources first. */
export function formatSummary(objects: readonly KubeObject[]): string {
  const rows = [...objects]
    .sort(bySourcesFirst)
    .map((object) => [
      object.kind,
      `${object.metadata.namespace}/${object.metadata.name}`,
      { ready: 'True', failed: 'False', working: 'Unknown', waiting: 'False', suspended: 'Suspended' }[stateOf(object)],
      shortRevision(revisionOf(object)),
      messageOf(object).trimEnd().split('\n')[0] ?? '',
    ]);
  return formatTable([['KIND', 'NAME', 'READY', 'REVISION', 'MESSAGE'], ...rows]);
}

/** Why the fleet is not ready: subject, reason in full. */
export function formatReasons(objects: readonly KubeObject[]): string[] {
  return objects
    .filter((object) => !['ready', 'suspended'].includes(stateOf(object)))
    .map((object) => {
      const { namespace, name } = object.metadata;
      return `${object.kind}/${namespace}/${name}: ${messageOf(object).trimEnd()}`;
    });
}

function bySourcesFirst(a: KubeObject, b: KubeObject): number {
  const rank = (object: KubeObject) => (object.apiVersion.startsWith('source.') ? 0 : 1);
  const key = (object: KubeObject) => `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
  return rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1);
}

/** `main@sha1:1eabc9a4` as Flux prints revisions in tables. */
function shortRevision(revision: string): string {
  return revision.replace(/((?:sha1|sha256):[0-9a-f]{8})[0-9a-f]+/, '$1');
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]! + 2))
        .join('')
        .trimEnd(),
    )
    .join('\n');
}
