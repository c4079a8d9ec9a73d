import { deepEqual } from '@flux/apimachinery';
import { internalForm } from '@flux/builtin';
import { formatTime } from '@flux/gotypes';
import type { Strategy } from '../registry/resource.ts';
import { forbiddenField } from '../status.ts';
import { validateClaimSpec, validateVolumeSpec } from './claim-validation.ts';
import { unique } from './core.ts';
import { type Fields, setDefault, setDefaults, withFieldsOf, without } from './fields.ts';
import { unifiedDiff } from './unified-diff.ts';

export const persistentVolumeClaim: Strategy = {
  validatesMetadataAgain: true,
  answersDeletedObject: true,
  setDefaults({ spec, status }) {
    setDefault(spec, 'volumeMode', 'Filesystem');
    if (status && !status.phase) status.phase = 'Pending';
    keepDataSources(spec);
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
  validate: ({ spec }) => validateClaimSpec(spec, 'spec'),
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

/** Volumes are made from claims and snapshots; the newer field says the same as the older. */
function keepDataSources(spec: Fields): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource) {
    const isClaim = dataSource.kind === 'PersistentVolumeClaim' && !dataSource.apiGroup;
    const isSnapshot = dataSource.kind === 'VolumeSnapshot' && dataSource.apiGroup === 'snapshot.storage.k8s.io';
    if (!isClaim && !isSnapshot) delete spec['dataSource'];
    else setDefault(spec, 'dataSourceRef', dataSource);
  } else if (dataSourceRef && !dataSourceRef.namespace) setDefault(spec, 'dataSource', dataSourceRef);
}

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
  validate: ({ spec }) => validateVolumeSpec(spec, Object.keys(volumeSourceOf(spec))),
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
