import { deepEqual } from '@flux/apimachinery';
import { internalForm } from '@flux/builtin';
import { formatTime } from '@flux/gotypes';
import { nanoOf } from '../decode/scalars.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { unique } from './core.ts';
import { type Fields, list, setDefault, setDefaults, withFieldsOf, without } from './fields.ts';
import { oneOf } from './one-of.ts';
import { unifiedDiff } from './unified-diff.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function volumeModeProblems({ volumeMode }: Fields): FieldError[] {
  return oneOf('spec.volumeMode', volumeMode, ['Block', 'Filesystem']);
}

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
    for (const mode of spec.accessModes ?? []) errors.push(...oneOf('spec.accessModes', mode, accessModes));
    const { storage } = spec.resources?.requests ?? {};
    if (!storage) errors.push(requiredField('spec.resources[storage]'));
    else if (nanoOf(storage) <= 0n)
      errors.push(invalidField('spec.resources[storage]', storage, 'must be greater than zero'));
    return [...errors, ...volumeModeProblems(spec)];
  },
  validateUpdate(object, old, context) {
    const errors = persistentVolumeClaim.validate!(object, context);
    const isBound = old['status']?.phase === 'Bound';
    const mutable = ['volumeAttributesClassName'];
    if (isBound) mutable.push('resources');
    else if (!old['spec'].storageClassName) mutable.push('storageClassName');
    if (!old['spec'].volumeName) mutable.push('volumeName');
    const kept = withFieldsOf(old['spec'], object['spec'], mutable);
    if (deepEqual(kept, old['spec'])) return errors;
    const rule =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    const form = (spec: Fields) => internalForm('PersistentVolumeClaimSpec', spec);
    return [...errors, forbiddenField('spec', `${rule}\n${unifiedDiff(form(old['spec']), form(kept))}`)];
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
    for (const mode of spec.accessModes ?? []) errors.push(...oneOf('spec.accessModes', mode, accessModes));
    if (!spec.capacity) errors.push(requiredField('spec.capacity'));
    const storage = spec.capacity?.storage;
    if (storage !== undefined && nanoOf(storage) <= 0n) {
      errors.push(invalidField('spec.capacity[storage]', storage, 'must be greater than zero'));
    }
    const policy = spec.persistentVolumeReclaimPolicy;
    errors.push(...oneOf('spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain']));
    const sources = Object.keys(volumeSourceOf(spec));
    if (sources.length === 0) errors.push(requiredField('spec', 'must specify a volume type'));
    for (const extra of sources.slice(1)) {
      errors.push(forbiddenField(`spec.${extra}`, 'may not specify more than 1 volume type'));
    }
    if (spec.hostPath && !spec.hostPath.path) errors.push(requiredField('spec.hostPath.path'));
    return [...errors, ...volumeModeProblems(spec)];
  },
  validateUpdate(object, old, context) {
    const errors = persistentVolume.validate!(object, context);
    if (deepEqual(volumeSourceOf(object['spec']), volumeSourceOf(old['spec']))) return errors;
    const rule = 'spec.persistentvolumesource is immutable after creation';
    const form = (spec: Fields) => internalForm('PersistentVolumeSource', spec);
    const difference = unifiedDiff(form(old['spec']), form(object['spec']));
    return [...errors, forbiddenField('spec.persistentvolumesource', `${rule}\n${difference}`)];
  },
};

const volumeSettings = [
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
];

/** The member of a volume's spec that says where its data is. */
function volumeSourceOf(spec: Fields): Fields {
  return without(spec, volumeSettings);
}
