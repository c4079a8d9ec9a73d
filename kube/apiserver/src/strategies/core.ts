import { isIP } from 'node:net';
import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import { invalidAt, labelProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbidden, invalidField, requiredField } from '../status.ts';
import { addressProblems } from './address-validation.ts';
import { type Fields, list, setDefault } from './fields.ts';
import { oneOf } from './one-of.ts';
import { podSecurityLevels } from './pod-security.ts';
import { portProblems } from './port-validation.ts';
import { innerAddressProblems } from './service-rules.ts';

const protectedNamespaces = new Set(['default', 'kube-system', 'kube-public']);

const namespaceLabel = 'kubernetes.io/metadata.name';

export const namespace: Strategy = {
  nameRule: 'label',
  answersDeletedObject: true,
  setDefaults({ metadata }) {
    if (metadata.name) metadata.labels = { ...metadata.labels, [namespaceLabel]: metadata.name };
  },
  prepareForCreate(object) {
    object['spec'] = {
      ...object['spec'],
      finalizers: unique([...list(object['spec']?.finalizers), 'kubernetes'] as unknown as string[]),
    };
    object['status'] = { phase: 'Active' };
  },
  prepareForUpdate(object, old, { subresource }) {
    if (subresource === '') object['spec'] = old['spec'];
  },
  markDeleted: (live, { now }) => markNamespaceDeleted(live, now),
  validate(object) {
    const errors: FieldError[] = [];
    for (const mode of ['enforce', 'audit', 'warn']) {
      const key = `pod-security.kubernetes.io/${mode}`;
      const level = object.metadata.labels?.[key];
      if (level !== undefined && !podSecurityLevels.includes(level)) {
        errors.push(invalidField(`metadata.labels[${key}]`, level, `must be one of ${podSecurityLevels.join(', ')}`));
      }
    }
    return errors;
  },
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
};

/** A namespace is emptied first; those that every cluster has cannot be deleted. */
function markNamespaceDeleted(live: KubeObject, now: Date): KubeObject | undefined {
  const { name, deletionTimestamp } = live.metadata;
  if (protectedNamespaces.has(name)) {
    throw forbidden({ group: '', resource: 'namespaces' }, name, 'this namespace may not be deleted');
  }
  if (deletionTimestamp) return list(live['spec']?.finalizers).length > 0 ? live : undefined;
  const metadata = { ...live.metadata, deletionTimestamp: formatTime(now) };
  return { ...live, metadata, status: { ...live['status'], phase: 'Terminating' } };
}

export function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}

const nodeInfoFields = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
];

export const node: Strategy = {
  createsWithStatus: true,
  prepareForCreate(object) {
    // A kubelet registers its node together with what it knows of it.
    const { status } = object;
    const nodeInfo = Object.fromEntries(nodeInfoFields.map((name) => [name, status?.nodeInfo?.[name] ?? '']));
    object['status'] = { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, ...status, nodeInfo };
  },
  setDefaults(object) {
    setDefault(object, 'status', {});
    if (object['status'].capacity) setDefault(object['status'], 'allocatable', { ...object['status'].capacity });
  },
  validate: ({ spec }) =>
    list(spec?.taints).flatMap(({ effect }, index) =>
      oneOf(`metadata.taints[${index}].effect`, effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
    ),
  admit(object) {
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    const taints = list(object['spec']?.taints);
    if (!taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) {
      object['spec'] = { ...object['spec'], taints: [...taints, taint] };
    }
  },
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
};

export const serviceAccount: Strategy = { answersDeletedObject: true, validatesMetadataAgain: true };

export const endpoints: Strategy = {
  validatesMetadataAgain: true,
  createsOnUpdate: true,
  setDefaults({ subsets }) {
    for (const subset of list(subsets)) for (const port of list(subset['ports'])) setDefault(port, 'protocol', 'TCP');
  },
  validate: ({ subsets }) => list(subsets).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`)),
};

function validateSubset({ addresses, notReadyAddresses, ports }: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!list(addresses).length && !list(notReadyAddresses).length) {
    errors.push(requiredField(path, 'must specify `addresses` or `notReadyAddresses`'));
  }
  for (const [group, items] of Object.entries({ addresses, notReadyAddresses })) {
    for (const [index, { ip = '' }] of list(items).entries()) {
      const at = `${path}.${group}[${index}].ip`;
      if (isIP(ip) !== 0) errors.push(...innerAddressProblems(ip, at));
      else errors.push(...addressProblems(ip, at), invalidField(at, ip, 'must be a valid IP address'));
    }
  }
  const needsNames = list(ports).length > 1;
  return [
    ...errors,
    ...list(ports).flatMap((port, index) => validatePort(port, needsNames, `${path}.ports[${index}]`)),
  ];
}

function validatePort({ name, port, protocol }: Fields, needsName: boolean, path: string): FieldError[] {
  const errors = name ? invalidAt(`${path}.name`, name, labelProblems(name)) : [];
  if (!name && needsName) errors.push(requiredField(`${path}.name`));
  return [
    ...errors,
    ...portProblems(port, `${path}.port`),
    ...oneOf(`${path}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']),
  ];
}

export const event: Strategy = {
  createsOnUpdate: true,
  validate({ involvedObject, regarding, metadata }) {
    // One kind in two groups, under two names of the field.
    const namespace: string = (regarding ?? involvedObject)?.namespace ?? '';
    const isFitting = namespace === '' ? metadata.namespace === 'default' : namespace === metadata.namespace;
    return isFitting ? [] : [invalidField('involvedObject.namespace', namespace, 'does not match event.namespace')];
  },
  selectableFields: (object) => {
    const involved = object['involvedObject'] ?? {};
    return {
      'involvedObject.kind': involved.kind ?? '',
      'involvedObject.namespace': involved.namespace ?? '',
      'involvedObject.name': involved.name ?? '',
      'involvedObject.uid': involved.uid ?? '',
      'involvedObject.apiVersion': involved.apiVersion ?? '',
      'involvedObject.resourceVersion': involved.resourceVersion ?? '',
      'involvedObject.fieldPath': involved.fieldPath ?? '',
      reason: object['reason'] ?? '',
      reportingComponent: object['reportingComponent'] ?? '',
      source: object['source']?.component || object['reportingComponent'] || '',
      type: object['type'] ?? '',
    };
  },
};
