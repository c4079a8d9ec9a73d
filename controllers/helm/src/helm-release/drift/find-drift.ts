import type { HelmRelease } from '@flux/api';
import { type KubeObject, type ObjectRef, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { ownedObject, type Release } from '@flux/helm';
import {
  type ApplyMemory,
  compileIgnoreRules,
  formatRef,
  isSecret,
  mapConcurrently,
  maskSecretValues,
  normalizeObjects,
  payloadDigest,
  takeOverFields,
  withoutIgnoredFields,
} from '@flux/ssa';
import { objectsOf } from '../manifest/manifest-objects.ts';
import { placeObjects } from '../manifest/place-objects.ts';
import { jsonDiff, type PatchOperation } from './json-diff.ts';

/** One object that is not as the release has it. */
export type ObjectDrift =
  | { readonly type: 'removed'; readonly desired: KubeObject }
  | { readonly type: 'changed'; readonly desired: KubeObject; readonly patch: readonly PatchOperation[] };

type CompiledRules = ReturnType<typeof compileIgnoreRules>;

interface DriftInput {
  object: HelmRelease;
  release: Release;
  cluster: Cluster;
  memory: ApplyMemory;
  overrideManagers: readonly string[];
  signal: AbortSignal;
  /** Told of each object that has not drifted, as it is. */
  onUnchanged?(ref: ObjectRef, live: KubeObject): void;
  /** Told of differences, values of Secrets hidden. */
  log(message: string, fields: Readonly<Record<string, unknown>>): void;
}

export const driftManager = 'helm-controller';
/** Objects of one release that are compared at the same time. */
const concurrency = 4;
const switchName = 'helm.toolkit.fluxcd.io/driftDetection';

/**
 * Compares the objects of a release with the cluster by dry runs, in manifest order (HELM-DRIFT-01..03). Failures count only
 * when nothing was found beside them (HELM-DRIFT-06).
 */
export async function findDrift(input: DriftInput): Promise<readonly ObjectDrift[]> {
  const { release, object, cluster } = input;
  const { objects } = await placeObjects(cluster, objectsOf(release.manifest), release.namespace);
  const owned = objects.map((manifest) => ownedObject(manifest, release));
  const normalized = await normalizeObjects(owned);
  const rules = object.spec.driftDetection?.ignore ?? [];
  const compiled = compileIgnoreRules(rules);
  const failures: unknown[] = [];
  const drifts = await mapConcurrently(normalized, concurrency, async (desired) => {
    input.signal.throwIfAborted();
    if (isExcluded(desired, compiled)) return undefined;
    try {
      return await compare(desired, { ...input, compiled, digest: payloadDigest(desired, rules) });
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  });
  const found = drifts.filter((drift) => drift !== undefined);
  if (found.length === 0 && failures.length > 0) throw failures[0];
  return found;
}

/** HELM-DRIFT-02: a rule with an empty path leaves the whole object alone. */
function isExcluded(desired: KubeObject, rules: CompiledRules): boolean {
  const coversAll = ({ paths }: CompiledRules[number]) => paths.some((tokens) => tokens.length === 0);
  return isSwitchedOff(desired) || rules.some((rule) => coversAll(rule) && rule.matches(desired));
}

function isSwitchedOff({ metadata }: KubeObject): boolean {
  const value = metadata.labels?.[switchName] ?? metadata.annotations?.[switchName];
  return value?.toLowerCase() === 'disabled';
}

interface Comparison extends DriftInput {
  compiled: CompiledRules;
  digest: string;
}

async function compare(desired: KubeObject, comparison: Comparison): Promise<ObjectDrift | undefined> {
  const { cluster, memory, compiled, digest, signal, onUnchanged } = comparison;
  const apply = () => cluster.apply(desired, { fieldManager: driftManager, force: true, dryRun: true, signal });
  const result = await apply();
  if (!result.metadata.resourceVersion) return { type: 'removed', desired };
  const ref = refOf(desired);
  if (memory.isVerified(result, digest)) return void onUnchanged?.(ref, result);
  const live = await cluster.find(ref, { signal });
  if (!live) return { type: 'removed', desired };
  if (isSwitchedOff(live)) return void onUnchanged?.(ref, live);
  const settled = (await takeOver(live, comparison)) ? await apply() : result;
  const before = withoutIgnoredFields(live, desired, compiled);
  const after = withoutIgnoredFields(settled, desired, compiled);
  const patch = [...diffMetadata(before, after), ...jsonDiff(contentOf(before), contentOf(after))];
  if (patch.length === 0) {
    memory.remember(live, digest);
    return void onUnchanged?.(ref, live);
  }
  report(comparison, desired, [before, after], patch);
  return { type: 'changed', desired, patch };
}

/** HELM-DRIFT-03: fields of overridden managers become ours by a real patch. */
async function takeOver(live: KubeObject, { cluster, overrideManagers, signal }: Comparison): Promise<boolean> {
  if (overrideManagers.length === 0) return false;
  const managers = overrideManagers.flatMap((name) => [
    { name, operation: 'Apply' } as const,
    { name, operation: 'Update' } as const,
  ]);
  const entries = takeOverFields(live, managers, driftManager);
  if (!entries) return false;
  const patch = [{ op: 'replace', path: '/metadata/managedFields', value: entries }];
  await cluster.patch(refOf(live), 'json', patch, { fieldManager: driftManager, signal });
  return true;
}

/** What others added to labels and annotations is theirs. */
function diffMetadata(before: KubeObject, after: KubeObject): PatchOperation[] {
  return (['labels', 'annotations'] as const).flatMap((field) => {
    const [old, fresh] = [before.metadata[field], after.metadata[field]];
    if (!fresh) return [];
    if (!old) return [{ op: 'add', path: `/metadata/${field}`, value: fresh } as const];
    return jsonDiff(old, fresh, `/metadata/${field}`).filter(({ op }) => op !== 'remove');
  });
}

function contentOf(object: KubeObject): Record<string, unknown> {
  const { metadata: _metadata, status: _status, ...content } = object;
  return content;
}

function report(
  { log }: Comparison,
  desired: KubeObject,
  [before, after]: readonly [KubeObject, KubeObject],
  patch: readonly PatchOperation[],
): void {
  const [maskedBefore, maskedAfter] = isSecret(desired) ? maskSecretValues(before, after) : [before, after];
  const shown = isSecret(desired)
    ? jsonDiff(contentOf(maskedBefore ?? before), contentOf(maskedAfter ?? after))
    : patch;
  log('resource modified', { resource: formatRef(refOf(desired)), changes: shown });
}

/** `<Kind>/<ns>/<name> removed`, or `changed` with the counts of operations (HELM-DRIFT-04). */
export function formatDrift(drift: ObjectDrift): string {
  const subject = formatRef(refOf(drift.desired));
  if (drift.type === 'removed') return `${subject} removed`;
  const count = (op: PatchOperation['op']) => drift.patch.filter((operation) => operation.op === op).length;
  return `${subject} changed (${count('add')} additions, ${count('replace')} changes, ${count('remove')} removals)`;
}
