import { gvkOf, type KubeObject } from '@flux/apimachinery';
import {
  customResourceDefinitionStatus,
  jobStatus,
  persistentVolumeClaimStatus,
  podStatus,
  serviceStatus,
} from './core-kinds.ts';
import { fieldAt, integerAt, isIntegerAt, statusConditions, textAt } from './fields.ts';
import { current, failed, inProgress, type StatusResult } from './result.ts';
import { daemonSetStatus, deploymentStatus, replicaSetStatus, statefulSetStatus } from './workloads.ts';

export interface ComputeOptions {
  now?: Date;
}

type KindRule = (object: KubeObject, now: Date) => StatusResult;

const alwaysReady: KindRule = () => current('Resource is always ready');

/** By `<group>/<Kind>`, whatever the version. */
const kindRules: Readonly<Record<string, KindRule>> = {
  '/Service': serviceStatus,
  '/Pod': podStatus,
  '/Secret': alwaysReady,
  '/ConfigMap': alwaysReady,
  '/PersistentVolumeClaim': persistentVolumeClaimStatus,
  'apps/StatefulSet': statefulSetStatus,
  'apps/DaemonSet': daemonSetStatus,
  'extensions/DaemonSet': daemonSetStatus,
  'apps/Deployment': deploymentStatus,
  'extensions/Deployment': deploymentStatus,
  'apps/ReplicaSet': replicaSetStatus,
  'extensions/ReplicaSet': replicaSetStatus,
  'policy/PodDisruptionBudget': () => current('AllowedDisruptions has been computed.'),
  'batch/CronJob': alwaysReady,
  'batch/Job': jobStatus,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinitionStatus,
};

/** The readiness of one object by the stock kstatus rules (KUS-HEALTH-20..32); an absent object is NotFound. */
export function computeStatus(object: KubeObject | undefined, options: ComputeOptions = {}): StatusResult {
  if (!object) return { status: 'NotFound', message: 'Resource not found' };
  const flaw = malformedStatus(object);
  if (flaw) return { status: 'Unknown', message: flaw };
  const generic = genericStatus(object);
  if (generic) return generic;
  const { group, kind } = gvkOf(object);
  const rule = Object.hasOwn(kindRules, `${group}/${kind}`) ? kindRules[`${group}/${kind}`] : undefined;
  return rule ? rule(object, options.now ?? new Date()) : readyConditionStatus(object);
}

/** A status that Go's types cannot hold makes kstatus give up on the object. */
function malformedStatus(object: KubeObject): string | undefined {
  const status = fieldAt(object, 'status');
  if (status === undefined || status === null) return undefined;
  if (typeof status !== 'object' || Array.isArray(status)) return `cannot restore struct from: ${goKind(status)}`;
  const observed = fieldAt(status, 'observedGeneration');
  if (isIntegerAt(object, 'metadata', 'generation') && observed !== undefined && !isInteger(observed)) {
    const accessor = '.status.observedGeneration accessor error';
    const found = `${String(observed)} is of the type ${goKind(observed)}, expected int64`;
    return `looking up status.observedGeneration from resource: ${accessor}: ${found}`;
  }
  const conditions = fieldAt(status, 'conditions');
  const isListOrAbsent = conditions === undefined || conditions === null || Array.isArray(conditions);
  return isListOrAbsent ? undefined : `cannot restore slice from ${goKind(conditions)}`;
}

function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  switch (typeof value) {
    case 'object':
      return 'map';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    case 'bigint':
      return 'int64';
    default:
      return typeof value;
  }
}

/** KUS-HEALTH-20. */
function genericStatus(object: KubeObject): StatusResult | undefined {
  if (textAt(object, '', 'metadata', 'deletionTimestamp') !== '') {
    return { status: 'Terminating', message: 'Resource scheduled for deletion' };
  }
  const lag = generationLag(object);
  if (lag) return lag;
  for (const condition of statusConditions(object)) {
    if (condition.status !== 'True') continue;
    if (condition.type === 'Reconciling') return inProgress(condition.message);
    if (condition.type === 'Stalled') return failed(condition.message);
  }
  return undefined;
}

/** InProgress when the status belongs to another generation; the CEL readers use it too (KUS-HEALTH-30). */
export function generationLag(object: KubeObject): StatusResult | undefined {
  if (!isIntegerAt(object, 'metadata', 'generation') || !isIntegerAt(object, 'status', 'observedGeneration')) {
    return undefined;
  }
  const generation = integerAt(object, 0, 'metadata', 'generation');
  const observed = integerAt(object, 0, 'status', 'observedGeneration');
  if (generation === observed) return undefined;
  return inProgress(`${object.kind} generation is ${generation}, but latest observed generation is ${observed}`);
}

/** KUS-HEALTH-29: Ready=False is InProgress, never Failed. */
function readyConditionStatus(object: KubeObject): StatusResult {
  const ready = statusConditions(object).find((condition) => condition.type === 'Ready');
  if (!ready) return current('Resource is current');
  switch (ready.status) {
    case 'True':
      return current('Resource is Ready');
    case 'False':
    case 'Unknown':
      return inProgress(ready.message);
    default:
      return current('Resource is current');
  }
}
