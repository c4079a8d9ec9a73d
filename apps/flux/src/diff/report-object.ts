import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { type DiffOptions, diffObject, formatRef } from '@flux/ssa';
import { isSopsMask } from '../build/mask-sops.ts';
import { changeLine } from './change-line.ts';
import { compareValues } from './compare-values.ts';
import { formatDifferences } from './format-differences.ts';

const hiddenValue = '*****';

/** What applying an object by the rules of its controller would do, as text; empty for nothing. */
export async function reportObject(
  cluster: Cluster,
  object: KubeObject,
  rules: DiffOptions,
  isTerminal: boolean,
): Promise<string> {
  const { change, live, merged } = await diffObject(cluster, object, rules);
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
