import { messageOf } from '@flux/errors';
import { composeValues, digestValues, type Values } from '@flux/helm';
import type { HelmRun } from '../deps.ts';
import { preReleaseError } from './pre-release-error.ts';

/** The values of the release before the defaults of the chart, and their digest (HELM-VAL). */
export async function readValues(run: HelmRun): Promise<{ values: Values; configDigest: string }> {
  const { object, deps, signal } = run;
  const namespace = object.metadata.namespace ?? '';
  try {
    const values = await composeValues(object.spec.values ?? {}, object.spec.valuesFrom ?? [], {
      namespace,
      read: (kind, name) => readConfig(run, kind, name),
    });
    return { values, configDigest: await digestValues(values, deps.settings.digestAlgorithm) };
  } catch (cause) {
    signal.throwIfAborted();
    throw preReleaseError('ValuesError', messageOf(cause), { cause, hasEvent: true });
  }
}

/** The decoded data of a ConfigMap or Secret beside the HelmRelease, read with the identity of the controller. */
export async function readConfig(
  { cluster, object, signal }: HelmRun,
  kind: 'ConfigMap' | 'Secret',
  name: string,
): Promise<Record<string, string> | undefined> {
  const namespace = object.metadata.namespace ?? '';
  const found = await cluster.find({ apiVersion: 'v1', kind, namespace, name }, { signal });
  if (!found) return undefined;
  const data: Record<string, string> = found['data'] ?? {};
  if (kind === 'ConfigMap') return data;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
  return Object.fromEntries(decoded);
}
