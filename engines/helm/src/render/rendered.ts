import type { Hook } from '../release/release.ts';

/** What a chart becomes: the manifest of the release, its hooks in Helm's order and the root chart's notes. */
export interface Rendered {
  /** Documents with their `# Source:` lines in install order, hooks and notes excluded (HELM-MAN-04). */
  manifest: string;
  hooks: Hook[];
  notes: string;
}
