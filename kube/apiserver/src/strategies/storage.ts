import { deepEqual } from '@flux/apimachinery';
import { invalidAt, labelProblems, qualifiedNameProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { duplicateField, type FieldError, invalidField, requiredField } from '../status.ts';
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

function validateClass({ provisioner, parameters, reclaimPolicy, volumeBindingMode }: Fields): FieldError[] {
  const name = String(provisioner ?? '').toLowerCase();
  return [
    ...(name ? invalidAt('provisioner', name, qualifiedNameProblems(name)) : [requiredField('provisioner')]),
    ...(Object.hasOwn(parameters ?? {}, '') ? [invalidField('parameters', '', 'field can not be empty.')] : []),
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
  validate: ({ spec }) => validateDriver(spec),
  validateUpdate({ spec }, old) {
    const errors = validateDriver(spec);
    const before = old['spec'];
    if (spec.attachRequired !== before.attachRequired) {
      errors.push(invalidField('spec.attachedRequired', spec.attachRequired, 'field is immutable'));
    }
    if (!deepEqual(spec.volumeLifecycleModes, before.volumeLifecycleModes)) {
      errors.push(invalidField('spec.volumeLifecycleModes', spec.volumeLifecycleModes, 'field is immutable'));
    }
    return errors;
  },
};

function validateDriver({ fsGroupPolicy, tokenRequests, volumeLifecycleModes }: Fields): FieldError[] {
  const audiences = new Set<string>();
  return [
    ...oneOf('spec.fsGroupPolicy', fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType']),
    ...list(tokenRequests).flatMap(({ audience, expirationSeconds: seconds }, index) => {
      const at = `spec.tokenRequests[${index}]`;
      if (audiences.has(audience)) return [duplicateField(`${at}.audience`, audience)];
      audiences.add(audience);
      if (seconds === undefined || seconds >= 600) return [];
      return [invalidField(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes')];
    }),
    ...list(volumeLifecycleModes).flatMap((mode: unknown) =>
      oneOf('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral']),
    ),
  ];
}

export const runtimeClass: Strategy = {
  validate: ({ handler }) =>
    handler ? invalidAt('handler', handler, labelProblems(handler)) : [requiredField('handler')],
  validateUpdate: ({ handler }, old) =>
    handler === old['handler'] ? [] : [invalidField('handler', handler, 'field is immutable')],
};

export const csiNode: Strategy = { answersDeletedObject: true };

export const volumeAttachment: Strategy = {
  answersDeletedObject: true,
  prepareForCreate(object) {
    object['status'] = { attached: false };
  },
};
