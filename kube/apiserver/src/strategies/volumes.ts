import { deepEqual } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, requiredField, unsupportedField } from '../status.ts';
import { unique } from './core.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';

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
