import { type HelmChart, type HelmRelease, helmChart } from '@flux/api';
import { deepEqual, isNotFound, type ObjectRef, StatusError } from '@flux/apimachinery';
import { FluxError, messageOf } from '@flux/errors';
import { formatDuration, parseDuration } from '@flux/gotypes';
import { isOlder, keyOf } from '@flux/runtime';
import type { HelmRun } from '../deps.ts';
import { chartTemplateKeyOf, originLabelsOf } from '../names.ts';

const fieldManager = 'helm-controller';

/** The HelmChart of a release cannot be made; it is tried again (HELM-FLOW-06, HELM-CHART-03). */
class ChartTemplateError extends FluxError {
  override readonly code = 'HELM_CHART_TEMPLATE';
}

/**
 * Keeps the HelmChart of `spec.chart` as the template says, and removes one that is not wanted any more (HELM-CHART). Gives back
 * the HelmChart as the server has it, undefined without a template.
 */
export async function syncChartTemplate(run: HelmRun): Promise<HelmChart | undefined> {
  const { object } = run;
  const key = chartTemplateKeyOf(object);
  const wanted = key && `${key.namespace}/${key.name}`;
  if (object.status?.helmChart && object.status.helmChart !== wanted) await deleteChart(run, object.status.helmChart);
  if (!key || !wanted) return undefined;
  if (run.deps.settings.refusesCrossNamespaceRefs && key.namespace !== object.metadata.namespace) {
    throw new ChartTemplateError(
      `cross-namespace references are not allowed: cannot access HelmChart ${key.namespace}/${key.name}`,
    );
  }
  const synced = await applyChart(run, desiredChart(object, key));
  object.status = { ...object.status, helmChart: wanted };
  return synced;
}

/** The HelmChart that was made, as `namespace/name`, also when the status does not tell of it yet. */
export async function findMadeChart(run: HelmRun): Promise<string | undefined> {
  const { object, cluster, signal } = run;
  if (object.status?.helmChart) return object.status.helmChart;
  const key = chartTemplateKeyOf(object);
  const found = key && (await cluster.find({ ...chartKind, ...key }, { signal }));
  return found && has(found.metadata.labels, originLabelsOf(object)) ? `${key.namespace}/${key.name}` : undefined;
}

/** Deletes the HelmChart that was made; one that is gone already is fine (HELM-CHART-02). */
export async function deleteChart(run: HelmRun, id: string): Promise<void> {
  const { object, cluster, signal } = run;
  const [namespace = '', name = ''] = id.split('/');
  run.deps.charts.delete(keyOf(object));
  try {
    await cluster.delete({ ...chartKind, namespace, name }, { signal });
    trace(run, 'HelmChartDeleted', `deleted HelmChart '${namespace}/${name}'`);
  } catch (error) {
    if (!isNotFound(error)) {
      throw new ChartTemplateError(`failed to delete HelmChart '${namespace}/${name}': ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  delete object.status?.helmChart;
}

const chartKind = { apiVersion: helmChart.apiVersion, kind: helmChart.kind };

function desiredChart(object: HelmRelease, key: { namespace: string; name: string }): HelmChart {
  const { metadata, spec } = object.spec.chart ?? {};
  if (!spec) throw new ChartTemplateError('spec.chart is not set');
  const {
    chart,
    version = '*',
    sourceRef,
    interval,
    reconcileStrategy,
    valuesFiles,
    ignoreMissingValuesFiles,
    verify,
  } = spec;
  return {
    ...chartKind,
    metadata: {
      ...key,
      labels: { ...metadata?.labels, ...originLabelsOf(object) },
      ...(metadata?.annotations ? { annotations: metadata.annotations } : {}),
    },
    spec: {
      chart,
      version,
      sourceRef: { kind: sourceRef.kind, name: sourceRef.name },
      interval: formatDuration(parseDuration(interval ?? object.spec.interval)), // as Go writes it
      reconcileStrategy: reconcileStrategy ?? 'ChartVersion',
      ...(valuesFiles && valuesFiles.length > 0 ? { valuesFiles } : {}),
      ...(ignoreMissingValuesFiles ? { ignoreMissingValuesFiles } : {}),
      ...(verify ? { verify } : {}),
    },
  };
}

/** Applies only what differs; a HelmChart that others have added to is applied but told of only when that changed it. */
async function applyChart(run: HelmRun, chart: HelmChart): Promise<HelmChart> {
  const { cluster, signal } = run;
  const { namespace = '', name } = chart.metadata;
  try {
    const live = await findChart(run, { ...chartKind, namespace, name });
    if (live && isAsDesired(live, chart)) return live;
    const result = await cluster.apply(chart, { fieldManager, force: true, signal });
    remember(run, result, run.now().getTime());
    if (live && result.metadata.resourceVersion === live.metadata.resourceVersion) return result;
    const verb = live ? 'Configured' : 'Created';
    const source = `${chart.spec.sourceRef.kind}/${namespace}/${chart.spec.sourceRef.name}`;
    trace(run, `HelmChart${verb}`, `${verb} HelmChart/${namespace}/${name} with SourceRef '${source}'`);
    return result;
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof StatusError ? ` (${error.reason})` : '';
    const message = `failed to run server-side apply: HelmChart/${namespace}/${name} dry-run failed${reason}: ${messageOf(error)}`;
    trace(run, 'HelmChartSyncErr', message);
    throw new ChartTemplateError(message, { cause: error });
  }
}

interface LiveChart extends HelmChart {
  /** Whether we have applied it. */
  isManaged: boolean;
}

/** From the watch where that is not behind what we did; else read. A watched object does not say who manages it. */
async function findChart(run: HelmRun, ref: ObjectRef): Promise<LiveChart | undefined> {
  const { cluster, signal, object } = run;
  const made = run.deps.charts.get(keyOf(object));
  const seen = run.watches.peek<HelmChart>(ref);
  if (seen && !seen.object && !made) return undefined;
  const isKnown = seen?.object && seen.object.metadata.uid === made?.uid;
  if (seen?.object && isKnown && !isOlder(seen.object, { ...ref, metadata: { ...ref, ...made } })) {
    return { ...seen.object, isManaged: true };
  }
  const live = await cluster.find<HelmChart>(ref, { signal });
  if (!live) return undefined;
  const isManaged = (live.metadata.managedFields ?? []).some(
    ({ manager, operation }) => manager === fieldManager && operation === 'Apply',
  );
  if (isManaged) remember(run, live, made?.writtenAt ?? 0);
  return { ...live, isManaged };
}

function remember({ deps, object }: HelmRun, { metadata }: HelmChart, writtenAt: number): void {
  const { uid = '', resourceVersion = '' } = metadata;
  deps.charts.set(keyOf(object), { uid, resourceVersion, writtenAt });
}

function isAsDesired({ metadata, spec, isManaged }: LiveChart, desired: HelmChart): boolean {
  return (
    isManaged &&
    has(metadata.labels, desired.metadata.labels) &&
    has(metadata.annotations, desired.metadata.annotations) &&
    deepEqual(spec, desired.spec)
  );
}

function has(map: Record<string, string> | undefined, wanted: Record<string, string> | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => map?.[key] === value);
}

function trace(run: HelmRun, reason: string, message: string): void {
  run.event({ type: 'Normal', reason, message, forward: false, replaceMetadata: true });
}
