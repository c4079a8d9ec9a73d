import type { CliVerb } from '@flux/api';
import { gitRepositoryView } from './git-repository.ts';
import { helmChartView } from './helm-chart.ts';
import { helmReleaseView } from './helm-release.ts';
import { helmRepositoryView } from './helm-repository.ts';
import type { KindView } from './kind-view.ts';
import { kustomizationView } from './kustomization.ts';

/** Every kind on the command line, in the order in which `get all` walks them. */
export const kindViews: readonly KindView[] = [
  gitRepositoryView,
  helmRepositoryView,
  helmChartView,
  helmReleaseView,
  kustomizationView,
];

export function viewsFor(verb: CliVerb): readonly KindView[] {
  return kindViews.filter(({ kind }) => kind.cli.verbs.includes(verb));
}
