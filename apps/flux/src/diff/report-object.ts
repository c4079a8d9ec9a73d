import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { diffObject, formatRef, kustomizeApplyRules } from '@flux/ssa';
import { isSopsMask } from '../build/mask-sops.ts';
import { changeLine } from './change-line.ts';
import { compareValues } from './compare-values.ts';
import { formatDifferences } from './format-differences.ts';

const hiddenValue = '*****';

/** What applying an object would do, as text; empty for nothing. */
export async function reportObject(
  cluster: Cluster,
  object: KubeObject,
  owner: Kustomization,
  isTerminal: boolean,
): Promise<string> {
  const { spec } = owner;
  const { change, live, merged } = await diffObject(cluster, object, {
    ...kustomizeApplyRules(),
    force: spec.force ?? false,
    ignore: spec.ignore ?? [],
  });
  const subject = formatRef(change.ref);
  if (change.action === 'created' || change.action === 'skipped') return changeLine(subject, change.action, isTerminal);
  if (change.action !== 'configured' || !live || !merged) return '';
  const differences = isSopsMask(object)
    ? compareValues({ data: hiddenValues(live) }, { data: hiddenValues(object) })
    : compareValues(withoutCounters(live), withoutCounters(merged));
  if (differences.length === 0) return '';
  return `${changeLine(subject, 'drifted', isTerminal)}\n${formatDifferences(differences)}`;
}

/** Without what the server counts by itself. */
function withoutCounters(state: KubeObject): KubeObject {
  const { generation: _, resourceVersion: __, ...metadata } = state.metadata;
  return { ...state, metadata };
}

/** The values of an encrypted Secret are not known here, so only its keys can differ (spec cli 11). */
function hiddenValues(secret: KubeObject): Record<string, string> {
  const keys = [secret['data'], secret['stringData']].flatMap((data) => Object.keys((data ?? {}) as object));
  return Object.fromEntries(keys.map((key) => [key, hiddenValue]));
}
