import type { KubeObject } from '@flux/apimachinery';
import { formatAge } from '@flux/gotypes';
import { type Fields, list } from '../registry/strategies/fields.ts';
import { formatSelector } from '../registry/strategies/pod-template.ts';
import { ageOf } from './duration.ts';
import { hpaMetrics, shorten } from './metrics.ts';
import { podCells } from './pod.ts';

type Print = (object: KubeObject, now: Date) => unknown[];

function age({ metadata }: KubeObject, now: Date): string {
  return ageOf(metadata.creationTimestamp, now);
}

function containerCells(spec: Fields | undefined): [names: string, images: string] {
  const containers = list(spec?.['containers']);
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image).join(',')];
}

function formatLabels(labels: Record<string, string> | undefined): string {
  const parts = Object.entries(labels ?? {})
    .sort()
    .map(([key, value]) => `${key}=${value}`);
  return parts.join(',') || '<none>';
}

function template({ spec }: KubeObject): Fields | undefined {
  return spec?.template?.spec;
}

const deployment: Print = (object, now) => {
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

const replicaSet: Print = (object, now) => {
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

const statefulSet: Print = (object, now) => {
  const ready = `${object['status']?.readyReplicas ?? 0}/${object['spec'].replicas ?? 0}`;
  return [object.metadata.name, ready, age(object, now), ...containerCells(template(object))];
};

const daemonSet: Print = (object, now) => {
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

const job: Print = (object, now) => {
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
  const has = (type: string) =>
    list(status?.conditions).some((item) => item['type'] === type && item['status'] === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  for (const type of ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']) if (has(type)) return type;
  return 'Running';
}

const cronJob: Print = (object, now) => {
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

const service: Print = (object, now) => {
  const { spec, metadata } = object;
  const ports = list(spec.ports).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return [
    metadata.name,
    spec.type,
    spec.clusterIPs?.[0] ?? '<none>',
    externalAddress(object),
    ports.join(',') || '<none>',
    age(object, now),
    formatLabels(spec.selector),
  ];
};

function balancerAddresses(status: Fields | undefined): string[] {
  return list(status?.['loadBalancer']?.ingress)
    .map(({ ip, hostname }) => ip || hostname)
    .filter(Boolean)
    .sort();
}

function externalAddress({ spec, status }: KubeObject): string {
  const extra: string[] = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ExternalName':
      return spec.externalName;
    case 'LoadBalancer': {
      const shown = shorten(balancerAddresses(status).join(','), 16);
      const all = [...(shown ? shown.split(',') : []), ...extra];
      return all.join(',') || '<pending>';
    }
    default:
      return extra.join(',') || '<none>';
  }
}

const ingress: Print = (object, now) => {
  const { spec = {}, status, metadata } = object;
  const hosts = list(spec.rules).map(({ host }) => host || '*');
  const shown =
    hosts.length > 3 ? `${hosts.slice(0, 3).join(',')} + ${hosts.length - 3} more...` : hosts.join(',') || '*';
  const address = shorten(balancerAddresses(status).join(','), 16);
  return [
    metadata.name,
    spec.ingressClassName ?? '<none>',
    shown,
    address,
    list(spec.tls).length ? '80, 443' : '80',
    age(object, now),
  ];
};

const accessModes: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

function modes(values: string[] | undefined): string {
  return Object.keys(accessModes)
    .filter((mode) => values?.includes(mode))
    .map((mode) => accessModes[mode])
    .join(',');
}

const persistentVolume: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  const claim = spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : '';
  return [
    metadata.name,
    spec.capacity?.storage ?? '0',
    modes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? '',
    metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
    claim,
    spec.storageClassName ?? '',
    spec.volumeAttributesClassName ?? '<unset>',
    status.reason ?? '',
    age(object, now),
    spec.volumeMode ?? '<unset>',
  ];
};

const persistentVolumeClaim: Print = (object, now) => {
  const { spec, status = {}, metadata } = object;
  const isBound = Boolean(spec.volumeName);
  return [
    metadata.name,
    metadata.deletionTimestamp ? 'Terminating' : (status.phase ?? ''),
    spec.volumeName ?? '',
    isBound ? (status.capacity?.storage ?? '0') : '',
    isBound ? modes(status.accessModes) : '',
    spec.storageClassName ?? '',
    spec.volumeAttributesClassName ?? '<unset>',
    age(object, now),
    spec.volumeMode ?? '<unset>',
  ];
};

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

const endpoints: Print = (object, now) => {
  const shown: string[] = [];
  for (const { addresses, ports } of list(object['subsets'])) {
    for (const { ip } of list(addresses)) {
      if (!list(ports).length) shown.push(ip);
      for (const { port } of list(ports)) shown.push(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
    }
  }
  return [object.metadata.name, someOf(shown, '<none>'), age(object, now)];
};

function someOf(values: readonly unknown[], empty: string): string {
  if (values.length === 0) return empty;
  return values.length > 3 ? `${values.slice(0, 3).join(',')} + ${values.length - 3} more...` : values.join(',');
}

const endpointSlice: Print = (object, now) => {
  const ports = list(object['ports']).map(({ port, name }) => port ?? name ?? '*');
  const addresses = list(object['endpoints']).flatMap((item) => list(item['addresses']));
  return [
    object.metadata.name,
    object['addressType'],
    someOf(ports, '<unset>'),
    someOf(addresses, '<unset>'),
    age(object, now),
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

const controllerRevision: Print = (object, now) => {
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
  const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  const controller = owner ? `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}` : '<none>';
  return [object.metadata.name, controller, object['revision'] ?? 0, age(object, now)];
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

const storageClass: Print = (object, now) => {
  const isDefault = object.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  const name = isDefault ? `${object.metadata.name} (default)` : object.metadata.name;
  return [
    name,
    object['provisioner'],
    object['reclaimPolicy'] ?? 'Delete',
    object['volumeBindingMode'] ?? 'Immediate',
    object['allowVolumeExpansion'] ?? false,
    age(object, now),
  ];
};

const ingressClass: Print = (object, now) => {
  const isDefault = object.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true';
  const { parameters, controller } = object['spec'] ?? {};
  const shown = parameters
    ? `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`
    : '<none>';
  return [
    isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
    controller ?? '',
    shown,
    age(object, now),
  ];
};

const csiDriver: Print = (object, now) => {
  const spec = object['spec'] ?? {};
  const tokens = spec.tokenRequests
    ? list(spec.tokenRequests)
        .map(({ audience }) => audience)
        .join(',')
    : '<unset>';
  return [
    object.metadata.name,
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    tokens,
    spec.requiresRepublish ?? false,
    list(spec.volumeLifecycleModes).join(',') || '<none>',
    age(object, now),
  ];
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

const named =
  (...values: ((object: KubeObject) => unknown)[]): Print =>
  (object, now) => [object.metadata.name, ...values.map((value) => value(object)), age(object, now)];

const createdAt: Print = ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null];

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
