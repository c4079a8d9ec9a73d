import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';

/** Built-in kinds with two served versions are stored in one of them. */
export function toStoredVersion(object: KubeObject): KubeObject {
  if (object.apiVersion === 'autoscaling/v1' && object.kind === 'HorizontalPodAutoscaler')
    return autoscalerToV2(object);
  if (object.apiVersion === 'events.k8s.io/v1') return eventToCore(object);
  return object;
}

export function fromStoredVersion(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  if (apiVersion === 'autoscaling/v1') return autoscalerToV1(object);
  if (apiVersion === 'events.k8s.io/v1') return eventFromCore(object);
  return object;
}

const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions';
const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics';
const currentAnnotation = 'autoscaling.alpha.kubernetes.io/current-metrics';
const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';

/** autoscaling/v1 knows only CPU; everything else travels in annotations. */
function autoscalerToV1(object: KubeObject): KubeObject {
  const { spec, status = {} } = object;
  const isCpu = (metric: Fields) =>
    metric['type'] === 'Resource' &&
    metric['resource']?.name === 'cpu' &&
    metric['resource'].target?.averageUtilization !== undefined;
  const cpu = list(spec.metrics).find(isCpu);
  const others = list(spec.metrics).filter((metric) => metric !== cpu);
  const annotations: Fields = { ...object.metadata.annotations };
  if (others.length > 0) annotations[metricsAnnotation] = JSON.stringify(others.map(metricToV1));
  if (list(status.conditions).length > 0) annotations[conditionsAnnotation] = JSON.stringify(status.conditions);
  if (spec.behavior) annotations[behaviorAnnotation] = JSON.stringify(spec.behavior);
  const { metrics: _metrics, behavior: _behavior, ...plain } = spec;
  const { currentMetrics, conditions: _conditions, ...plainStatus } = status;
  const current = list(currentMetrics).find(isCurrentCpu)?.['resource']?.current?.averageUtilization;
  const metadata = { ...object.metadata };
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations as Record<string, string>;
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { ...plain, ...(cpu ? { targetCPUUtilizationPercentage: cpu['resource'].target.averageUtilization } : {}) },
    status: {
      ...plainStatus,
      currentReplicas: plainStatus.currentReplicas ?? 0,
      desiredReplicas: plainStatus.desiredReplicas ?? 0,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  };
}

function isCurrentCpu(metric: Fields): boolean {
  return metric['type'] === 'Resource' && metric['resource']?.name === 'cpu';
}

function metricToV1({ type, resource, ...rest }: Fields): Fields {
  if (!resource) return { type, ...rest };
  const { name, target = {} } = resource;
  const percentage =
    target.averageUtilization === undefined ? {} : { targetAverageUtilization: target.averageUtilization };
  const value = target.averageValue === undefined ? {} : { targetAverageValue: target.averageValue };
  return { type, resource: { name, ...percentage, ...value } };
}

function metricFromV1({ type, resource, ...rest }: Fields): Fields {
  if (!resource) return { type, ...rest };
  const { name, targetAverageUtilization, targetAverageValue } = resource;
  const target =
    targetAverageValue === undefined
      ? { type: 'Utilization', averageUtilization: targetAverageUtilization }
      : { type: 'AverageValue', averageValue: targetAverageValue };
  return { type, resource: { name, target } };
}

function autoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: percentage, ...spec } = object['spec'] ?? {};
  const { currentCPUUtilizationPercentage: _current, currentReplicas, ...status } = object['status'] ?? {};
  const {
    [metricsAnnotation]: metrics,
    [conditionsAnnotation]: conditions,
    [currentAnnotation]: current,
    [behaviorAnnotation]: behavior,
    ...annotations
  } = object.metadata.annotations ?? {};
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percentage ?? 80 } },
  };
  const others = metrics ? (JSON.parse(metrics) as Fields[]).map(metricFromV1) : [];
  const hasCpu = percentage !== undefined || others.length === 0;
  const { annotations: _annotations, ...metadata } = object.metadata;
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: {
      ...spec,
      metrics: [...others, ...(hasCpu ? [cpu] : [])],
      ...(behavior ? { behavior: JSON.parse(behavior) } : {}),
    },
    status: {
      ...status,
      ...(currentReplicas ? { currentReplicas } : {}),
      currentMetrics: current ? JSON.parse(current) : null,
      ...(conditions ? { conditions: JSON.parse(conditions) } : {}),
    },
  };
}

function eventToCore(object: KubeObject): KubeObject {
  const {
    regarding,
    note,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...rest
  } = object;
  return {
    ...rest,
    apiVersion: 'v1',
    involvedObject: regarding ?? {},
    ...(note === undefined ? {} : { message: note }),
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp ?? null,
    lastTimestamp: deprecatedLastTimestamp ?? null,
    ...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
    reportingComponent: reportingController ?? '',
    reportingInstance: object['reportingInstance'] ?? '',
  } as KubeObject;
}

function eventFromCore(object: KubeObject): KubeObject {
  const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = object;
  return {
    ...rest,
    apiVersion: 'events.k8s.io/v1',
    regarding: involvedObject ?? {},
    ...(message === undefined ? {} : { note: message }),
    deprecatedSource: source ?? {},
    deprecatedFirstTimestamp: firstTimestamp ?? null,
    deprecatedLastTimestamp: lastTimestamp ?? null,
    ...(count === undefined ? {} : { deprecatedCount: count }),
    ...(reportingComponent ? { reportingController: reportingComponent } : {}),
  } as KubeObject;
}
