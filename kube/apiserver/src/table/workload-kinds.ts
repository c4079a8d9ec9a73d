import type { KubeObject } from '@flux/apimachinery';
import { formatAge } from '@flux/gotypes';
import { isTrue, list } from '../strategies/fields.ts';
import { formatSelector } from '../strategies/pod-template.ts';
import { age, containerCells, formatLabels, type Print, template } from './cells.ts';
import { ageOf } from './duration.ts';

export const deployment: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  const ready = `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`;
  return [
    metadata.name,
    ready,
    status.updatedReplicas ?? 0,
    status.availableReplicas ?? 0,
    age(object, now),
    ...containerCells(template(object)),
    formatSelector(spec.selector),
  ];
};

export const replicaSet: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  const selector =
    object.kind === 'ReplicationController' ? formatLabels(spec.selector) : formatSelector(spec.selector);
  return [
    metadata.name,
    spec.replicas ?? 0,
    status.replicas ?? 0,
    status.readyReplicas ?? 0,
    age(object, now),
    ...containerCells(template(object)),
    selector,
  ];
};

export const statefulSet: Print = (object, now) => {
  const ready = `${object['status']?.readyReplicas ?? 0}/${object['spec'].replicas ?? 0}`;
  return [object.metadata.name, ready, age(object, now), ...containerCells(template(object))];
};

export const daemonSet: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  return [
    metadata.name,
    status.desiredNumberScheduled ?? 0,
    status.currentNumberScheduled ?? 0,
    status.numberReady ?? 0,
    status.updatedNumberScheduled ?? 0,
    status.numberAvailable ?? 0,
    formatLabels(spec.template?.spec?.nodeSelector),
    age(object, now),
    ...containerCells(template(object)),
    formatSelector(spec.selector),
  ];
};

export const job: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  const succeeded = status.succeeded ?? 0;
  const parallel = (spec.parallelism ?? 0) > 1 ? `${succeeded}/1 of ${spec.parallelism}` : `${succeeded}/1`;
  const completions = spec.completions === undefined ? parallel : `${succeeded}/${spec.completions}`;
  const end = status.completionTime ? Date.parse(status.completionTime) : now.getTime();
  const duration = status.startTime ? formatAge(end - Date.parse(status.startTime)) : '';
  return [
    metadata.name,
    jobStatus(object),
    completions,
    duration,
    age(object, now),
    ...containerCells(template(object)),
    formatSelector(spec.selector),
  ];
};

function jobStatus({ status, metadata }: KubeObject): string {
  const has = (type: string) => isTrue(status, type);
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  for (const type of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']) if (has(type)) return type;
  return 'Running';
}

export const cronJob: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  const last = status.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : '<none>';
  const suspend = spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False';
  const jobSpec = spec.jobTemplate?.spec ?? {};
  return [
    metadata.name,
    spec.schedule,
    spec.timeZone ?? '<none>',
    suspend,
    list(status.active).length,
    last,
    age(object, now),
    ...containerCells(jobSpec.template?.spec),
    formatSelector(jobSpec.selector),
  ];
};

export const controllerRevision: Print = (object, now) => {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
  const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  const controller = owner ? `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}` : '<none>';
  return [object.metadata.name, controller, object['revision'] ?? 0, age(object, now)];
};
