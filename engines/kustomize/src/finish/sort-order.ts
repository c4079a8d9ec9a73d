import type { SortOptions } from '../config/kustomization.ts';
import { BuildError } from '../errors.ts';
import {
  compareText,
  formatGvk,
  type Gvk,
  gvkEquals,
  gvkSortText,
  kindRanks,
  legacyFirst,
  legacyLast,
} from '../gvk.ts';
import type { ResourceId } from '../resource-id.ts';
import type { ResourceSet } from '../resource-set.ts';

export type Reorder = 'none' | 'legacy' | 'unspecified';

/** Orders the result: `sortOptions` of the file win over the caller's choice. */
export function sortResources(resources: ResourceSet, options: SortOptions | undefined, reorder: Reorder): void {
  if (options === undefined) {
    if (reorder !== 'none') sortLegacy(resources, legacyFirst, legacyLast);
    return;
  }
  const { order, legacySortOptions } = options;
  if (order !== 'fifo' && order !== 'legacy') {
    throw new BuildError("the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (order === 'legacy') {
    const { orderFirst, orderLast } = legacySortOptions ?? { orderFirst: legacyFirst, orderLast: legacyLast };
    sortLegacy(resources, orderFirst, orderLast);
  } else if (legacySortOptions !== undefined) {
    throw new BuildError(
      "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
    );
  }
}

function sortLegacy(resources: ResourceSet, first: readonly string[], last: readonly string[]): void {
  const ranks = kindRanks(first, last);
  const entries = resources.resources.map((resource) => ({ resource, id: resource.id, text: idSortText(resource.id) }));
  entries.sort((a, b) => (gvkEquals(a.id, b.id) ? compareText(a.text, b.text) : compareKinds(a.id, b.id, ranks)));
  resources.replaceAll(entries.map(({ resource }) => resource));
}

function compareKinds(a: Gvk, b: Gvk, ranks: ReadonlyMap<string, number>): number {
  const difference = (ranks.get(a.kind) ?? 0) - (ranks.get(b.kind) ?? 0);
  if (difference !== 0) return difference;
  const order = compareText(gvkSortText(a), gvkSortText(b));
  // The core Namespace comes before a Namespace of another group.
  const bothNamespaces = a.kind === 'Namespace' && b.kind === 'Namespace' && (a.group === '' || b.group === '');
  return bothNamespaces ? -order : order;
}

function idSortText(id: ResourceId): string {
  return `${formatGvk(id)}|${id.namespace || '~X'}|${id.name || '~N'}`;
}
