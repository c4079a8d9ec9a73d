import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import {
  type FieldError,
  forbidden,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
} from '../../status.ts';
import type { Strategy } from '../resource.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';
import { podSecurityLevels } from './pod-security.ts';

const keyPattern = /^[-._a-zA-Z0-9]+$/;

function validateKeys(maps: Record<string, Fields | undefined>): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [field, map] of Object.entries(maps)) {
    for (const key of Object.keys(map ?? {})) {
      if (!keyPattern.test(key) || key.length > 253) errors.push(invalidField(`${field}[${key}]`, key, keyRule));
      if (seen.has(key)) errors.push(invalidField(`${field}[${key}]`, key, 'duplicate of key present in data'));
      seen.add(key);
    }
  }
  return errors;
}

const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const maxDataBytes = 1024 * 1024;

function validateSize(size: number, path: string): FieldError[] {
  return size > maxDataBytes ? [tooLongField(path, maxDataBytes)] : [];
}

function immutableData(object: Fields, old: Fields, fields: readonly string[]): FieldError[] {
  if (!old['immutable']) return [];
  const errors: FieldError[] = [];
  if (!object['immutable']) errors.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
  for (const field of fields) {
    if (!deepEqual(object[field], old[field]))
      errors.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  }
  return errors;
}

export const configMap: Strategy = {
  validate({ data, binaryData }) {
    const texts = Object.values<string>(data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    const bytes = Object.values<string>(binaryData ?? {}).reduce((sum, value) => sum + (value.length * 3) / 4, 0);
    return [...validateKeys({ data, binaryData }), ...validateSize(texts + bytes, '')];
  },
  validateUpdate(object, old, context) {
    return [...immutableData(object, old, ['data', 'binaryData']), ...configMap.validate!(object, context)];
  },
};

const requiredKeys: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export const secret: Strategy = {
  setDefaults(object) {
    if (!object['type']) object['type'] = 'Opaque';
    const { stringData } = object;
    if (!stringData) return;
    const data: Fields = { ...object['data'] };
    for (const [key, value] of Object.entries<string>(stringData)) data[key] = Buffer.from(value).toString('base64');
    object['data'] = data;
    delete object['stringData'];
  },
  validate: (object) => validateSecret(object),
  validateUpdate(object, old) {
    const errors = validateSecret(object);
    if (object['type'] !== old['type']) errors.unshift(invalidField('type', object['type'], 'field is immutable'));
    return [...errors, ...immutableData(object, old, ['data'])];
  },
  warnings: (object) => tlsWarnings(object),
  selectableFields: ({ type }) => ({ type: type ?? '' }),
};

/** What Go's tls.X509KeyPair would complain of first. */
function tlsWarnings({ type, data }: Fields): string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const pem = (key: string) =>
    /-----BEGIN [^-]+-----/.test(Buffer.from(data?.[key] ?? '', 'base64').toString('latin1'));
  if (!pem('tls.crt')) return ['tls: failed to find any PEM data in certificate input'];
  return pem('tls.key') ? [] : ['tls: failed to find any PEM data in key input'];
}

function validateSecret({ data, type, metadata }: Fields): FieldError[] {
  const size = Object.values<string>(data ?? {}).reduce((sum, value) => sum + (value.length * 3) / 4, 0);
  const errors = [...validateKeys({ data }), ...validateSize(size, 'data')];
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.['kubernetes.io/service-account.name']) {
    errors.push(requiredField('metadata.annotations[kubernetes.io/service-account.name]'));
  }
  if (type === 'kubernetes.io/basic-auth' && data?.username === undefined && data?.password === undefined) {
    errors.push(requiredField('data[username]'), requiredField('data[password]'));
  }
  for (const key of requiredKeys[type] ?? []) {
    const value = data?.[key];
    if (value === undefined || (value === '' && type !== 'kubernetes.io/tls'))
      errors.push(requiredField(`data[${key}]`));
    else if (key.startsWith('.docker') && !isJsonObject(Buffer.from(value, 'base64').toString('utf8'))) {
      errors.push(invalidField(`data[${key}]`, '<secret contents redacted>', 'invalid character in the JSON document'));
    }
  }
  return errors;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const protectedNamespaces = new Set(['default', 'kube-system', 'kube-public']);
export const namespaceLabel = 'kubernetes.io/metadata.name';

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

function unique(values: readonly string[]): string[] {
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
  prepareForCreate(object) {
    const nodeInfo = Object.fromEntries(nodeInfoFields.map((name) => [name, '']));
    object['status'] = { daemonEndpoints: { kubeletEndpoint: { Port: 0 } }, nodeInfo };
  },
  setDefaults(object) {
    setDefault(object, 'status', {});
    if (object['status'].capacity) setDefault(object['status'], 'allocatable', { ...object['status'].capacity });
  },
  admit(object) {
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    const taints = list(object['spec']?.taints);
    if (!taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)) {
      object['spec'] = { ...object['spec'], taints: [...taints, taint] };
    }
  },
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
};

export const serviceAccount: Strategy = { answersDeletedObject: true };

export const persistentVolumeClaim: Strategy = {
  answersDeletedObject: true,
  setDefaults({ spec, status }) {
    setDefault(spec, 'volumeMode', 'Filesystem');
    if (status && !status.phase) status.phase = 'Pending';
  },
  admit(object, { api }) {
    object.metadata.finalizers = unique([...(object.metadata.finalizers ?? []), 'kubernetes.io/pvc-protection']);
    if (object['spec'].storageClassName !== undefined) return;
    const annotation = 'storageclass.kubernetes.io/is-default-class';
    const standard = api
      .list('storage.k8s.io', 'storageclasses')
      .find(({ metadata }) => metadata.annotations?.[annotation] === 'true');
    if (standard) object['spec'].storageClassName = standard.metadata.name;
  },
  prepareForCreate(object) {
    object['status'] = { phase: 'Pending' };
  },
  validate({ spec }) {
    const errors: FieldError[] = [];
    if (!list(spec.accessModes).length)
      errors.push(requiredField('spec.accessModes', 'at least 1 access mode is required'));
    const modes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
    for (const mode of spec.accessModes ?? []) {
      if (!modes.includes(mode)) errors.push(unsupportedField('spec.accessModes', mode, modes));
    }
    if (!spec.resources?.requests?.storage) errors.push(requiredField('spec.resources[storage]'));
    return errors;
  },
  validateUpdate(object, old, context) {
    const errors = persistentVolumeClaim.validate!(object, context);
    const isBound = old['status']?.phase === 'Bound';
    const fixed = ({ resources, volumeAttributesClassName: _class, volumeName: _volume, ...spec }: Fields) =>
      isBound ? spec : { ...spec, resources };
    const bindsNow = !old['spec'].volumeName;
    const sameVolume = bindsNow || object['spec'].volumeName === old['spec'].volumeName;
    if (deepEqual(fixed(object['spec']), fixed(old['spec'])) && sameVolume) return errors;
    const rule =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    return [...errors, forbiddenField('spec', rule)];
  },
};

export const persistentVolume: Strategy = {
  answersDeletedObject: true,
  setDefaults({ spec }) {
    setDefaults(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
    if (spec.hostPath) setDefault(spec.hostPath, 'type', '');
    if (spec.iscsi) setDefault(spec.iscsi, 'iscsiInterface', 'default');
    if (spec.claimRef) setDefaults(spec.claimRef, { kind: 'PersistentVolumeClaim', apiVersion: 'v1' });
  },
  admit(object) {
    object.metadata.finalizers = unique([...(object.metadata.finalizers ?? []), 'kubernetes.io/pv-protection']);
  },
  prepareForCreate(object, { now }) {
    object['status'] = { phase: 'Pending', lastPhaseTransitionTime: formatTime(now) };
  },
  validate({ spec }) {
    const errors: FieldError[] = [];
    if (!list(spec.accessModes).length) errors.push(requiredField('spec.accessModes'));
    if (!spec.capacity) errors.push(requiredField('spec.capacity'));
    return errors;
  },
  validateUpdate(object, old, context) {
    const errors = persistentVolume.validate!(object, context);
    if (deepEqual(volumeSourceOf(object['spec']), volumeSourceOf(old['spec']))) return errors;
    const rule = 'spec.persistentvolumesource is immutable after creation';
    return [...errors, forbiddenField('spec.persistentvolumesource', rule)];
  },
};

/** The member of a volume's spec that says where its data is. */
function volumeSourceOf(spec: Fields): Fields {
  const settings = new Set([
    'accessModes',
    'capacity',
    'claimRef',
    'mountOptions',
    'nodeAffinity',
    'persistentVolumeReclaimPolicy',
    'storageClassName',
    'volumeAttributesClassName',
    'volumeMode',
  ]);
  return Object.fromEntries(Object.entries(spec).filter(([name]) => !settings.has(name)));
}

export const resourceQuota: Strategy = {};
export const endpoints: Strategy = {
  createsOnUpdate: true,
  setDefaults({ subsets }) {
    for (const subset of list(subsets)) for (const port of list(subset['ports'])) setDefault(port, 'protocol', 'TCP');
  },
};

export const event: Strategy = {
  createsOnUpdate: true,
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
