import { list } from '../strategies/fields.ts';
import { age, type Print } from './cells.ts';

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

export const persistentVolume: Print = (object, now) => {
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

export const persistentVolumeClaim: Print = (object, now) => {
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

export const storageClass: Print = (object, now) => {
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

export const csiDriver: Print = (object, now) => {
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
