import { formatAge } from '@flux/gotypes';
import { list } from '../strategies/fields.ts';
import { formatSelector } from '../strategies/pod-template.ts';
import { age, containerCells, createdAt, formatLabels, named, type Print } from './cells.ts';
import { ageOf } from './duration.ts';
import { hpaMetrics } from './metrics.ts';
import { endpointSlice, endpoints, ingress, ingressClass, service } from './network-kinds.ts';
import { podCells } from './pod.ts';
import { csiDriver, persistentVolume, persistentVolumeClaim, storageClass } from './storage-kinds.ts';
import { controllerRevision, cronJob, daemonSet, deployment, job, replicaSet, statefulSet } from './workload-kinds.ts';

const node: Print = (object, now) => {
  const { spec = {}, status = {}, metadata } = object;
  const ready = list(status.conditions).find(({ type }) => type === 'Ready');
  const states = [ready ? (ready['status'] === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (spec.unschedulable) states.push('SchedulingDisabled');
  const roles = Object.keys(metadata.labels ?? {})
    .filter((key) => key.startsWith('node-role.kubernetes.io/'))
    .map((key) => key.slice('node-role.kubernetes.io/'.length));
  const address = (kind: string) => list(status.addresses).find(({ type }) => type === kind)?.['address'] ?? '<none>';
  const info = status.nodeInfo ?? {};
  return [
    metadata.name,
    states.join(','),
    roles.sort().join(',') || '<none>',
    age(object, now),
    info.kubeletVersion ?? '',
    address('InternalIP'),
    address('ExternalIP'),
    info.osImage || '<unknown>',
    info.kernelVersion || '<unknown>',
    info.containerRuntimeVersion || '<unknown>',
  ];
};

const event: Print = (object, now) => {
  const first = ageOf(object['firstTimestamp'] || object['eventTime'], now);
  const series = object['series'];
  const last = series
    ? ageOf(series.lastObservedTime, now)
    : object['lastTimestamp']
      ? ageOf(object['lastTimestamp'], now)
      : first;
  const { kind = '', name, fieldPath } = object['involvedObject'] ?? {};
  const target = name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
  const component = object['source']?.component || object['reportingComponent'] || '';
  const host = object['source']?.host || object['reportingInstance'] || '';
  return [
    last,
    object['type'] ?? '',
    object['reason'] ?? '',
    target,
    fieldPath ?? '',
    host ? `${component}, ${host}` : component,
    (object['message'] ?? '').trim(),
    first,
    series?.count ?? (object['count'] || 1),
    object.metadata.name,
  ];
};

const roleBinding: Print = (object, now) => {
  const { kind, name } = object['roleRef'];
  const subjects = (wanted: string) => list(object['subjects']).filter((item) => item['kind'] === wanted);
  const accounts = subjects('ServiceAccount').map((item) => `${item['namespace']}/${item['name']}`);
  const names = (wanted: string) =>
    subjects(wanted)
      .map((item) => item['name'])
      .join(', ');
  return [
    object.metadata.name,
    `${kind}/${name}`,
    age(object, now),
    names('User'),
    names('Group'),
    accounts.join(', '),
  ];
};

const resourceQuota: Print = (object, now) => {
  const { hard = {}, used = {} } = object['status'] ?? {};
  const show = (limits: boolean) =>
    Object.keys(hard)
      .filter((name) => name.startsWith('limits.') === limits)
      .sort()
      .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
      .join(', ');
  return [object.metadata.name, show(false), show(true), age(object, now)];
};

const certificateSigningRequest: Print = (object, now) => {
  const { spec, status } = object;
  const duration = spec.expirationSeconds === undefined ? '<none>' : formatAge(spec.expirationSeconds * 1000);
  const types = list(status?.conditions).map(({ type }) => type);
  const base = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending';
  const shown = [base, ...(types.includes('Failed') ? ['Failed'] : []), ...(status?.certificate ? ['Issued'] : [])];
  return [
    object.metadata.name,
    age(object, now),
    spec.signerName || '<none>',
    spec.username ?? '',
    duration,
    shown.join(','),
  ];
};

const policy =
  (rules: string): Print =>
  (object, now) => {
    const { paramKind } = object['spec'] ?? {};
    const shown = paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>';
    return [object.metadata.name, list(object['spec']?.[rules]).length, shown, age(object, now)];
  };

const policyBinding: Print = (object, now) => {
  const { paramRef, policyName } = object['spec'] ?? {};
  const shown = paramRef?.name ? `${paramRef.namespace || '*'}/${paramRef.name}` : '<unset>';
  return [object.metadata.name, policyName, shown, age(object, now)];
};

/** Cells of each kind, wide ones included, in the order of its columns. */
export const printers: Record<string, Print> = {
  Pod: podCells,
  ConfigMap: named((o) => Object.keys(o['data'] ?? {}).length + Object.keys(o['binaryData'] ?? {}).length),
  Secret: named(
    (o) => o['type'] ?? '',
    (o) => Object.keys(o['data'] ?? {}).length,
  ),
  Namespace: named((o) => o['status']?.phase ?? ''),
  ServiceAccount: named(),
  Service: service,
  Endpoints: endpoints,
  Event: event,
  Node: node,
  LimitRange: createdAt,
  PersistentVolume: persistentVolume,
  PersistentVolumeClaim: persistentVolumeClaim,
  PodTemplate: ({ metadata, template: podTemplate }) => [
    metadata.name,
    ...containerCells(podTemplate?.spec),
    formatLabels(podTemplate?.metadata?.labels),
  ],
  ReplicationController: replicaSet,
  ResourceQuota: resourceQuota,
  APIService: named(
    ({ spec }) => (spec?.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local'),
    ({ status }) => list(status?.conditions).find(({ type }) => type === 'Available')?.['status'] ?? 'Unknown',
  ),
  ControllerRevision: controllerRevision,
  DaemonSet: daemonSet,
  Deployment: deployment,
  ReplicaSet: replicaSet,
  StatefulSet: statefulSet,
  Job: job,
  CronJob: cronJob,
  HorizontalPodAutoscaler: named(
    ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    (o) => hpaMetrics(o),
    ({ spec }) => (spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)),
    ({ spec }) => spec.maxReplicas,
    ({ status }) => status?.currentReplicas ?? 0,
  ),
  CertificateSigningRequest: certificateSigningRequest,
  Ingress: ingress,
  IngressClass: ingressClass,
  IPAddress: ({ metadata, spec }) => [
    metadata.name,
    [spec?.parentRef?.resource, spec?.parentRef?.namespace, spec?.parentRef?.name].filter(Boolean).join('/'),
  ],
  NetworkPolicy: named((o) => formatSelector(o['spec']?.podSelector ?? {}) || '<none>'),
  ServiceCIDR: named((o) => list(o['spec']?.cidrs).join(',')),
  PodDisruptionBudget: named(
    (o) => String(o['spec']?.minAvailable ?? 'N/A'),
    (o) => String(o['spec']?.maxUnavailable ?? 'N/A'),
    (o) => o['status']?.disruptionsAllowed ?? 0,
  ),
  ClusterRole: createdAt,
  Role: createdAt,
  ClusterRoleBinding: roleBinding,
  RoleBinding: roleBinding,
  CSIDriver: csiDriver,
  CSINode: named((o) => list(o['spec']?.drivers).length),
  CSIStorageCapacity: createdAt,
  StorageClass: storageClass,
  VolumeAttachment: named(
    ({ spec }) => spec.attacher,
    ({ spec }) => spec.source?.persistentVolumeName ?? '',
    ({ spec }) => spec.nodeName,
    ({ status }) => status?.attached ?? false,
  ),
  VolumeAttributesClass: named((o) => o['driverName']),
  MutatingWebhookConfiguration: named((o) => list(o['webhooks']).length),
  ValidatingWebhookConfiguration: named((o) => list(o['webhooks']).length),
  ValidatingAdmissionPolicy: policy('validations'),
  MutatingAdmissionPolicy: policy('mutations'),
  ValidatingAdmissionPolicyBinding: policyBinding,
  MutatingAdmissionPolicyBinding: policyBinding,
  CustomResourceDefinition: createdAt,
  PriorityClass: (object, now) => [
    object.metadata.name,
    object['value'],
    object['globalDefault'] ?? false,
    age(object, now),
    object['preemptionPolicy'] ?? '',
  ],
  Lease: named((o) => o['spec']?.holderIdentity ?? ''),
  RuntimeClass: named((o) => o['handler']),
  EndpointSlice: endpointSlice,
  DeviceClass: named(),
  ResourceClaim: named((o) =>
    o['status']?.allocation ? (list(o['status'].reservedFor).length ? 'allocated,reserved' : 'allocated') : 'pending',
  ),
  ResourceClaimTemplate: named(),
  ResourceSlice: named(
    ({ spec }) => spec.nodeName ?? '<unset>',
    ({ spec }) => spec.driver,
    ({ spec }) => spec.pool?.name,
  ),
  FlowSchema: (object, now) => [
    object.metadata.name,
    object['spec']?.priorityLevelConfiguration?.name ?? '',
    object['spec']?.matchingPrecedence ?? 0,
    object['spec']?.distinguisherMethod?.type || '<none>',
    age(object, now),
    'False',
  ],
  PriorityLevelConfiguration: (object, now) => {
    const { type, limited } = object['spec'] ?? {};
    const queuing = limited?.limitResponse?.queuing;
    const number = (value: unknown) => (value === undefined ? '<none>' : String(value));
    return [
      object.metadata.name,
      type ?? '',
      number(limited?.nominalConcurrencyShares),
      number(queuing?.queues),
      number(queuing?.handSize),
      number(queuing?.queueLengthLimit),
      age(object, now),
    ];
  },
};
