import type { Hook } from '../release/release.ts';

/** What a chart becomes: the manifest of the release, its hooks in Helm's order and the root chart's notes. */
export interface Rendered {
  /** Documents with their `# Source:` lines in install order, hooks and notes excluded (HELM-MAN-04). */
  manifest: string;
  /** In the order of kinds; running them sorts by weight and name (HELM-HOOK-02). */
  hooks: Hook[];
  notes: string;
}
