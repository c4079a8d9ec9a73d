import { nanoOf } from '../decode/scalars.ts';
import { invalidAt, subdomainProblems } from '../registry/names.ts';
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';
import { validateSelector } from './selector-validation.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function volumeModeProblems({ volumeMode }: Fields, path: string): FieldError[] {
  return oneOf(`${path}.volumeMode`, volumeMode, ['Block', 'Filesystem']);
}

function accessModeProblems(modes: readonly string[], path: string): FieldError[] {
  const errors = modes.flatMap((mode) => oneOf(`${path}.accessModes`, mode, accessModes));
  if (modes.length > 1 && modes.includes('ReadWriteOncePod')) {
    errors.push(forbiddenField(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

function classProblems({ storageClassName }: Fields, path: string): FieldError[] {
  const at = `${path}.storageClassName`;
  return storageClassName ? invalidAt(at, storageClassName, subdomainProblems(storageClassName)) : [];
}

/** What a claim asks for, by itself or in the template of a StatefulSet. */
export function validateClaimSpec(spec: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes: string[] = spec['accessModes'] ?? [];
  if (!modes.length) errors.push(requiredField(`${path}.accessModes`, 'at least 1 access mode is required'));
  errors.push(...accessModeProblems(modes, path));
  const { storage } = spec['resources']?.requests ?? {};
  if (!storage) errors.push(requiredField(`${path}.resources[storage]`));
  else if (nanoOf(storage) <= 0n) {
    errors.push(invalidField(`${path}.resources[storage]`, storage, 'must be greater than zero'));
  }
  if (spec['selector']) errors.push(...validateSelector(spec['selector'], `${path}.selector`));
  return [...errors, ...classProblems(spec, path), ...volumeModeProblems(spec, path)];
}

/** What a volume is made of; `sources` are the members that say where its data is. */
export function validateVolumeSpec(spec: Fields, sources: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  const modes: string[] = spec['accessModes'] ?? [];
  if (!modes.length) errors.push(requiredField('spec.accessModes'));
  errors.push(...accessModeProblems(modes, 'spec'), ...capacityProblems(spec['capacity']));
  const policy = spec['persistentVolumeReclaimPolicy'];
  errors.push(...oneOf('spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain']));
  if (policy === 'Recycle' && spec['hostPath']?.path === '/') {
    const why = "may not be 'recycle' for a hostPath mount of '/'";
    errors.push(forbiddenField('spec.persistentVolumeReclaimPolicy', why));
  }
  if (sources.length === 0) errors.push(requiredField('spec', 'must specify a volume type'));
  for (const extra of sources.slice(1)) {
    errors.push(forbiddenField(`spec.${extra}`, 'may not specify more than 1 volume type'));
  }
  errors.push(...sourceProblems(sources[0], spec), ...affinityProblems(spec), ...classProblems(spec, 'spec'));
  return [...errors, ...volumeModeProblems(spec, 'spec')];
}

function capacityProblems(capacity: Record<string, string> | undefined): FieldError[] {
  const errors = capacity && Object.keys(capacity).length > 0 ? [] : [requiredField('spec.capacity')];
  if (!capacity?.['storage'] || Object.keys(capacity).length > 1) {
    return [...errors, unsupportedField('spec.capacity', capacity ?? {}, ['storage'])];
  }
  if (nanoOf(capacity['storage']) > 0n) return errors;
  return [...errors, invalidField('spec.capacity[storage]', capacity['storage'], 'must be greater than zero')];
}

/** Only the first source is looked into. */
function sourceProblems(source: string | undefined, { hostPath, nfs, csi }: Fields): FieldError[] {
  if (source === 'hostPath') return hostPathProblems(hostPath.path ?? '');
  if (source === 'nfs') return nfsProblems(nfs, 'spec.nfs');
  if (source !== 'csi') return [];
  return ['driver', 'volumeHandle'].filter((field) => !csi[field]).map((field) => requiredField(`spec.csi.${field}`));
}

function hostPathProblems(path: string): FieldError[] {
  return path ? backstepProblems(path, 'spec.hostPath.path') : [requiredField('spec.hostPath.path')];
}

/** A path that leads out of where it begins. */
export function backstepProblems(target: string, path: string): FieldError[] {
  return target.split('/').includes('..') ? [invalidField(path, target, "must not contain '..'")] : [];
}

export function nfsProblems({ server, path: exported = '' }: Fields, path: string): FieldError[] {
  return [
    ...(server ? [] : [requiredField(`${path}.server`)]),
    ...(exported ? [] : [requiredField(`${path}.path`)]),
    ...(exported.startsWith('/') ? [] : [invalidField(`${path}.path`, exported, 'must be an absolute path')]),
  ];
}

function affinityProblems({ nodeAffinity, local }: Fields): FieldError[] {
  if (local && !nodeAffinity) return [requiredField('spec.nodeAffinity', 'Local volume requires node affinity')];
  if (!nodeAffinity?.required || list(nodeAffinity.required.nodeSelectorTerms).length) return [];
  return [requiredField('spec.nodeAffinity.required.nodeSelectorTerms', 'must have at least one node selector term')];
}
