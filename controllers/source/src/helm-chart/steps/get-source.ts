import { type Artifact, type GitRepository, gitRepository, type HelmRepository, helmRepository } from '@flux/api';
import { isNotFound, type KubeObject, StatusError } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { ReconcileError } from '@flux/runtime';
import { fetchFailed, type HelmChartRun } from '../deps.ts';

export type ChartSource = HelmRepository | GitRepository;

const group = 'source.toolkit.fluxcd.io';
const kinds = ['HelmRepository', 'GitRepository', 'Bucket'];

/** The object that `spec.sourceRef` names (SRC-HCHART-05). */
export async function getSource(run: HelmChartRun): Promise<ChartSource> {
  const { kind, name } = run.object.spec.sourceRef;
  if (!kinds.includes(kind)) {
    throw unsupported(run, `unsupported source kind '${kind}', must be one of: [${kinds.join(' ')}]`);
  }
  if (kind === 'Bucket')
    throw unsupported(run, 'a Bucket as source is not supported by this version of source-controller');
  const { namespace = '' } = run.object.metadata;
  const ref = { apiVersion: `${group}/v1`, kind, namespace, name };
  let found: KubeObject;
  try {
    // what the watch has not heard of yet wakes the chart again
    found = run.watches.peek(ref)?.object ?? (await run.cluster.get(ref, { signal: run.signal }));
  } catch (error) {
    run.signal.throwIfAborted();
    const text = isNotFound(error) ? `${kind}.${group} "${name}" not found` : messageOf(error);
    if (!(error instanceof StatusError)) throw error; // the API server is away: nothing to tell about the source
    throw fetchFailed('SourceUnavailable', `failed to get source: ${text}`, { cause: error });
  }
  return kind === 'HelmRepository' ? helmRepository.read(found) : gitRepository.read(found);
}

/** Only another spec helps. */
function unsupported(run: HelmChartRun, text: string): ReconcileError {
  const message = `failed to get source: ${text}`;
  run.conditions.set({ type: 'FetchFailed', status: 'True', reason: 'SourceUnavailable', message });
  return new ReconcileError('UnsupportedSourceKind', message, { retry: 'stalled' });
}

export function isOciRepository(source: ChartSource): boolean {
  return source.kind === 'HelmRepository' && 'type' in source.spec && source.spec.type === 'oci';
}

/**
 * The artifact of a source, if its file is there. Undefined after having said that there is none: the source's change will wake
 * the chart (SRC-HCHART-06).
 */
export async function findSourceArtifact(run: HelmChartRun, source: ChartSource): Promise<Artifact | undefined> {
  const artifact = source.status?.artifact;
  if (artifact && (await run.deps.storage.exists(artifact))) return artifact;
  const { kind, name } = run.object.spec.sourceRef;
  const message = `no artifact available for ${kind} source '${name}'`;
  run.conditions.set({ type: 'FetchFailed', status: 'True', reason: 'NoSourceArtifact', message });
  run.event({ type: 'Normal', reason: 'NoSourceArtifact', message, forward: false });
  return undefined;
}
