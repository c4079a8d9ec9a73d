import { deepEqual } from '@flux/apimachinery';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list, setDefaults } from './fields.ts';
import { oneOf } from './one-of.ts';

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
  return [
    ...(provisioner ? [] : [requiredField('provisioner')]),
    ...oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']),
  ];
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
