import type { ObjectRef } from '@flux/apimachinery';
import { composeValues, digestValues, type Values } from '@flux/helm';
import type { HelmRun } from '../deps.ts';
import { messageOf, preReleaseError } from './pre-release-error.ts';

/** The values of the release before the defaults of the chart, and their digest (HELM-VAL). */
export async function readValues(run: HelmRun): Promise<{ values: Values; configDigest: string }> {
  const { object, deps, signal } = run;
  const namespace = object.metadata.namespace ?? '';
  try {
    const values = await composeValues(object.spec.values ?? {}, object.spec.valuesFrom ?? [], {
      namespace,
      read: (kind, name) => readData(run, { apiVersion: 'v1', kind, namespace, name }),
    });
    return { values, configDigest: await digestValues(values, deps.settings.digestAlgorithm) };
  } catch (cause) {
    signal.throwIfAborted();
    throw preReleaseError('ValuesError', messageOf(cause), { cause, hasEvent: true });
  }
}

async function readData({ cluster, signal }: HelmRun, ref: ObjectRef): Promise<Record<string, string> | undefined> {
  const found = await cluster.find(ref, { signal });
  if (!found) return undefined;
  const data: Record<string, string> = found['data'] ?? {};
  if (ref.kind === 'ConfigMap') return data;
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
  return Object.fromEntries(decoded);
}
