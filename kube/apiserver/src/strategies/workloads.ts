import { deepEqual } from '@flux/apimachinery';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list, setDefault, setDefaults, without } from './fields.ts';
import { setPodSpecDefaults } from './pod-defaults.ts';
import { isEmptySelector, validateTemplate } from './pod-template.ts';
import { validatePodSpec } from './pod-validation.ts';
import { templateWarnings } from './pod-warnings.ts';
import { validateSelector } from './selector-validation.ts';
import {
  validateDaemonSetStatus,
  validateDeploymentStatus,
  validateReplicaSetStatus,
  validateStatefulSetStatus,
} from './workload-status.ts';
import {
  nonNegative,
  validateDaemonSetSpec,
  validateDeploymentSpec,
  validateStatefulSetSpec,
} from './workload-validation.ts';

function validateSelectorAndTemplate(spec: Fields, kind = 'ReplicaSet'): FieldError[] {
  const { selector } = spec;
  const errors: FieldError[] = [];
  if (spec['template']?.spec?.activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', why));
  }
  // Go reads a selector that is not there as one that selects nothing.
  if (!selector && kind === 'DaemonSet') return [...errors, ...validateTemplate(spec, 'spec.template')];
  if (!selector) errors.push(requiredField('spec.selector'));
  else {
    const problems = validateSelector(selector, 'spec.selector');
    errors.push(...problems);
    if (problems.some(({ field }) => field.includes('matchExpressions'))) {
      errors.push(invalidField('spec.selector', selector, 'invalid label selector'));
    }
    if (isEmptySelector(selector)) {
      errors.push(invalidField('spec.selector', selector, 'empty selector is invalid for deployment'));
    }
  }
  return [...errors, ...validateTemplate(spec, 'spec.template')];
}

function immutableSelector(spec: Fields, old: Fields): FieldError[] {
  return deepEqual(spec['selector'], old['selector'])
    ? []
    : [invalidField('spec.selector', spec['selector'] ?? null, 'field is immutable')];
}

export const deployment: Strategy = {
  warnings: templateWarnings('spec.template'),
  generation: 'spec and annotations',
  setDefaults({ spec }) {
    setPodSpecDefaults(spec.template?.spec);
    setDefaults(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    setDefault(spec, 'strategy', {});
    setDefault(spec.strategy, 'type', 'RollingUpdate');
    if (spec.strategy.type !== 'RollingUpdate') return;
    setDefault(spec.strategy, 'rollingUpdate', {});
    setDefaults(spec.strategy.rollingUpdate, { maxUnavailable: '25%', maxSurge: '25%' });
  },
  validate({ spec }) {
    return [
      ...nonNegative(spec, 'spec', ['replicas']),
      ...validateSelectorAndTemplate(spec),
      ...validateDeploymentSpec(spec),
    ];
  },
  validateUpdate(object, old, context) {
    return [...deployment.validate!(object, context), ...immutableSelector(object['spec'], old['spec'])];
  },
  validateStatusUpdate: (object) => validateDeploymentStatus(object),
};

export const replicaSet: Strategy = {
  warnings: templateWarnings('spec.template'),
  generation: 'spec',
  setDefaults({ spec }) {
    setPodSpecDefaults(spec.template?.spec);
    setDefault(spec, 'replicas', 1);
  },
  prepareForCreate(object) {
    object['status'] = { replicas: 0 };
  },
  validate({ spec }) {
    return [...nonNegative(spec, 'spec', ['replicas', 'minReadySeconds']), ...validateSelectorAndTemplate(spec)];
  },
  validateUpdate(object, old, context) {
    return [...replicaSet.validate!(object, context), ...immutableSelector(object['spec'], old['spec'])];
  },
  validateStatusUpdate: (object) => validateReplicaSetStatus(object),
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
};

const statefulSetMutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

export const statefulSet: Strategy = {
  warnings: templateWarnings('spec.template'),
  generation: 'spec',
  setDefaults({ spec }) {
    setPodSpecDefaults(spec.template?.spec);
    setDefaults(spec, { replicas: 1, podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10 });
    setDefault(spec, 'updateStrategy', {});
    // Who names the type alone gets no partition.
    if (!spec.updateStrategy.type) setDefaults(spec.updateStrategy, { type: 'RollingUpdate', rollingUpdate: {} });
    if (spec.updateStrategy.type === 'RollingUpdate' && spec.updateStrategy.rollingUpdate) {
      setDefault(spec.updateStrategy.rollingUpdate, 'partition', 0);
    }
    setDefault(spec, 'persistentVolumeClaimRetentionPolicy', {});
    setDefaults(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' });
    for (const claim of list(spec.volumeClaimTemplates)) {
      setDefaults(claim, { kind: 'PersistentVolumeClaim', apiVersion: 'v1', spec: {}, status: {} });
      setDefault(claim['spec'], 'volumeMode', 'Filesystem');
      setDefault(claim['status'], 'phase', 'Pending');
    }
  },
  prepareForCreate(object) {
    object['status'] = { replicas: 0, availableReplicas: 0 };
  },
  validate({ spec }) {
    return [
      ...validateStatefulSetSpec(spec),
      ...nonNegative(spec, 'spec', ['replicas']),
      ...validateSelectorAndTemplate(withClaims(spec), 'StatefulSet'),
    ];
  },
  validateUpdate(object, old, context) {
    const errors = statefulSet.validate!(object, context);
    if (deepEqual(without(object['spec'], statefulSetMutable), without(old['spec'], statefulSetMutable))) return errors;
    const names = statefulSetMutable.map((name) => `'${name}'`);
    const shown = `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
    return [
      ...errors,
      forbiddenField('spec', `updates to statefulset spec for fields other than ${shown} are forbidden`),
    ];
  },
  validateStatusUpdate: (object) => validateStatefulSetStatus(object),
};

/** The spec with its claims as volumes, which containers mount by name. */
function withClaims(spec: Fields): Fields {
  const claims = list(spec['volumeClaimTemplates']).map(({ metadata }) => String(metadata?.name ?? ''));
  if (claims.length === 0 || !spec['template']?.spec) return spec;
  const volumes = [
    ...list(spec['template'].spec.volumes).filter(({ name }) => !claims.includes(name)),
    ...claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })),
  ];
  return { ...spec, template: { ...spec['template'], spec: { ...spec['template'].spec, volumes } } };
}

const templateGeneration = 'deprecated.daemonset.template.generation';

export const daemonSet: Strategy = {
  warnings: templateWarnings('spec.template'),
  generation: 'spec',
  setDefaults({ spec, metadata }) {
    setPodSpecDefaults(spec.template?.spec);
    setDefault(spec, 'revisionHistoryLimit', 10);
    setDefault(spec, 'updateStrategy', {});
    setDefault(spec.updateStrategy, 'type', 'RollingUpdate');
    if (spec.updateStrategy.type === 'RollingUpdate') {
      setDefault(spec.updateStrategy, 'rollingUpdate', {});
      setDefaults(spec.updateStrategy.rollingUpdate, { maxUnavailable: 1, maxSurge: 0 });
    }
    if (!metadata.annotations?.[templateGeneration]) {
      metadata.annotations = { ...metadata.annotations, [templateGeneration]: '0' };
    }
  },
  prepareForCreate(object) {
    object.metadata.annotations = { ...object.metadata.annotations, [templateGeneration]: '1' };
    object['status'] = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
  },
  prepareForUpdate(object, old) {
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0);
    const changed = !deepEqual(object['spec'].template, old['spec'].template);
    object.metadata.annotations = {
      ...object.metadata.annotations,
      [templateGeneration]: String(before + (changed ? 1 : 0)),
    };
  },
  validate: ({ spec }) => [...validateSelectorAndTemplate(spec, 'DaemonSet'), ...validateDaemonSetSpec(spec)],
  validateUpdate(object, old, context) {
    return [...daemonSet.validate!(object, context), ...immutableSelector(object['spec'], old['spec'])];
  },
  validateStatusUpdate: (object) => validateDaemonSetStatus(object),
};

export const replicationController: Strategy = {
  warnings: templateWarnings('spec.template'),
  generation: 'spec',
  defaultPropagation: 'Orphan',
  setDefaults({ spec, metadata }) {
    setPodSpecDefaults(spec.template?.spec);
    setDefault(spec, 'replicas', 1);
    const labels = spec.template?.metadata?.labels;
    if (!labels) return;
    if (!Object.keys(spec.selector ?? {}).length) spec.selector = { ...labels };
    if (!Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels };
  },
  prepareForCreate(object) {
    object['status'] = { replicas: 0 };
  },
  validate({ spec }) {
    const errors = nonNegative(spec, 'spec', ['replicas', 'minReadySeconds']);
    if (!Object.keys(spec.selector ?? {}).length) errors.push(requiredField('spec.selector'));
    if (!spec.template) return [...errors, requiredField('spec.template')];
    return [...errors, ...validateTemplate({ ...spec, selector: { matchLabels: spec.selector } }, 'spec.template')];
  },
  validateStatusUpdate: (object) => validateReplicaSetStatus(object),
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
};

export const podTemplate: Strategy = {
  answersDeletedObject: true,
  generation: 'object',
  setDefaults: ({ template }) => setPodSpecDefaults(template?.spec),
  validate: ({ template }) => validatePodSpec(template?.spec ?? {}, 'template.spec'),
};

export const controllerRevision: Strategy = {
  validate: (object) => [
    ...(object['data'] === undefined ? [requiredField('data', 'data is mandatory')] : []),
    ...(object['revision'] < 0
      ? [invalidField('revision', object['revision'], 'must be greater than or equal to 0')]
      : []),
  ],
  validateUpdate(object, old) {
    return deepEqual(object['data'], old['data']) ? [] : [invalidField('data', object['data'], 'field is immutable')];
  },
};
