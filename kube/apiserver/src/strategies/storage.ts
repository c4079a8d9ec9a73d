import { deepEqual } from '@flux/apimachinery';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list, setDefaults } from './fields.ts';

export const storageClass: Strategy = {
  answersDeletedObject: true,
  setDefaults: (object) => setDefaults(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  validate: (object) => validateClass(object),
  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
      if (!deepEqual(object[field], old[field])) errors.push(invalidField(field, object[field], 'field is immutable'));
    }
    return errors;
  },
};

function validateClass({ provisioner, reclaimPolicy, volumeBindingMode }: Fields): FieldError[] {
  const errors: FieldError[] = provisioner ? [] : [requiredField('provisioner')];
  const policies = ['Delete', 'Retain'];
  if (!policies.includes(reclaimPolicy)) errors.push(unsupportedField('reclaimPolicy', reclaimPolicy, policies));
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (!modes.includes(volumeBindingMode)) errors.push(unsupportedField('volumeBindingMode', volumeBindingMode, modes));
  return errors;
}

export const csiDriver: Strategy = {
  answersDeletedObject: true,
  setDefaults({ spec }) {
    setDefaults(spec, {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
    });
    if (!list(spec.volumeLifecycleModes).length) spec.volumeLifecycleModes = ['Persistent'];
  },
};

export const csiNode: Strategy = { answersDeletedObject: true };

export const volumeAttachment: Strategy = {
  answersDeletedObject: true,
  prepareForCreate(object) {
    object['status'] = { attached: false };
  },
};
