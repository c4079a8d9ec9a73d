import { deepEqual, labelSelectorFromObject } from '@flux/apimachinery';
import { internalForm } from '@flux/builtin';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField, unsupportedField } from '../status.ts';
import { scheduleProblems } from './cron-schedule.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';
import { validateJobPolicies } from './job-validation.ts';
import { oneOf, oneOfIfGiven } from './one-of.ts';
import { setPodSpecDefaults } from './pod-defaults.ts';
import { validatePodSpec } from './pod-validation.ts';
import { templateWarnings } from './pod-warnings.ts';
import { validateJobStatus } from './workload-status.ts';
import { nonNegative } from './workload-validation.ts';

function setJobSpecDefaults(spec: Fields): void {
  setPodSpecDefaults(spec['template']?.spec);
  if (spec['completions'] === undefined && spec['parallelism'] === undefined) {
    setDefaults(spec, { completions: 1, parallelism: 1 });
  }
  setDefault(spec, 'parallelism', 1);
  setDefault(spec, 'backoffLimit', spec['backoffLimitPerIndex'] === undefined ? 6 : 2147483647);
  setDefaults(spec, { completionMode: 'NonIndexed', suspend: false, manualSelector: false });
  setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] ? 'Failed' : 'TerminatingOrFailed');
  for (const rule of list(spec['podFailurePolicy']?.rules)) {
    for (const condition of list(rule['onPodConditions'])) condition['status'] ||= 'True';
  }
}

export const job: Strategy = {
  warnings: templateWarnings('spec.template'),
  generation: 'spec',
  defaultPropagation: 'Orphan',
  setDefaults({ spec, metadata }) {
    setJobSpecDefaults(spec);
    const labels = spec.template?.metadata?.labels;
    if (labels && !Object.keys(metadata.labels ?? {}).length) metadata.labels = labels;
  },
  prepareForCreate(object) {
    const { spec, metadata } = object as Fields;
    object['status'] = {};
    if (spec['manualSelector']) return;
    const labels = {
      'batch.kubernetes.io/controller-uid': metadata['uid'],
      'batch.kubernetes.io/job-name': metadata['name'] ?? '',
      'controller-uid': metadata['uid'],
      'job-name': metadata['name'] ?? '',
    };
    spec['template'].metadata ??= {};
    const own = metadata['labels'] ?? {};
    // Without labels of its own a Job shares those of its template, which the defaults made one and the same.
    const isShared = Object.keys(own).length === 0 || own === spec['template'].metadata.labels;
    spec['template'].metadata.labels = { ...spec['template'].metadata.labels, ...labels };
    if (isShared) metadata['labels'] = { ...spec['template'].metadata.labels };
    spec['selector'] ??= {};
    spec['selector'].matchLabels = {
      ...spec['selector'].matchLabels,
      'batch.kubernetes.io/controller-uid': metadata['uid'],
    };
  },
  validate({ spec, metadata }) {
    return [...validateJobSpec(spec, 'spec'), ...(spec.selector ? selectorProblems(spec, metadata.uid ?? '') : [])];
  },
  validateUpdate(object, old, context) {
    const errors = job.validate!(object, context);
    // Labels are looked at once with the whole and once with the change, and told both times.
    errors.push(...errors.filter(({ field }) => field === 'spec.template.metadata.labels'));
    for (const field of ['completions', 'selector', 'completionMode', 'template', 'podFailurePolicy'] as const) {
      const value = object['spec'][field];
      if (deepEqual(value, old['spec'][field])) continue;
      if (field === 'template' && old['spec'].suspend) continue;
      const shown = field === 'template' ? internalForm('PodTemplateSpec', value ?? {}) : (value ?? null);
      errors.push(invalidField(`spec.${field}`, shown, 'field is immutable'));
    }
    return errors;
  },
  validateStatusUpdate: (object, old) => validateJobStatus(object, old),
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
};

/** A selector that the server makes belongs to this Job alone. */
function selectorProblems({ selector, manualSelector, template }: Fields, uid: string): FieldError[] {
  const errors: FieldError[] = [];
  const expected = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  if (!manualSelector && !deepEqual(selector, expected)) {
    errors.push(invalidField('spec.selector', selector ?? null, '`selector` not auto-generated'));
  }
  const labels = template?.metadata?.labels ?? {};
  if (selector && !labelSelectorFromObject(selector).matches(labels)) {
    const why = '`selector` does not match template `labels`';
    errors.push(invalidField('spec.template.metadata.labels', labels, why));
  }
  return errors;
}

function validateJobSpec(spec: Fields, path: string): FieldError[] {
  const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished'];
  const errors = nonNegative(spec, path, counts);
  if (spec['manualSelector'] && !spec['selector']) {
    const why = '`selector` does not match template `labels`';
    const labels = spec['template']?.metadata?.labels ?? null;
    errors.push(requiredField(`${path}.selector`), invalidField(`${path}.template.metadata.labels`, labels, why));
  }
  const pod = spec['template']?.spec ?? {};
  errors.push(...validatePodSpec(pod, `${path}.template.spec`));
  errors.push(...validateJobPolicies(spec, path));
  errors.push(...oneOfIfGiven(`${path}.completionMode`, spec['completionMode'], ['NonIndexed', 'Indexed']));
  const policy = pod.restartPolicy;
  if (policy === 'Always') {
    errors.push(requiredField(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  } else errors.push(...oneOf(`${path}.template.spec.restartPolicy`, policy, ['Never', 'OnFailure']));
  return errors;
}

export const cronJob: Strategy = {
  warnings: templateWarnings('spec.jobTemplate.spec.template'),
  generation: 'spec',
  setDefaults({ spec }) {
    setDefaults(spec, {
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    const template = spec.jobTemplate?.spec;
    if (template) setPodSpecDefaults(template.template?.spec);
  },
  prepareForCreate(object) {
    object['status'] = {};
  },
  validate({ spec, metadata }) {
    const errors: FieldError[] = [];
    if (!spec.schedule) errors.push(requiredField('spec.schedule'));
    else errors.push(...scheduleProblems(spec.schedule, 'spec.schedule'));
    errors.push(...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']));
    errors.push(...timeZoneProblems(spec.timeZone));
    const limits = ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'];
    errors.push(...nonNegative(spec, 'spec', limits));
    if (metadata.name && metadata.name.length > 52) {
      errors.push(invalidField('metadata.name', metadata.name, 'must be no more than 52 characters'));
    }
    return [...errors, ...validateJobTemplate(spec.jobTemplate?.spec ?? {})];
  },
};

/** Jobs of a CronJob get their selectors from the server. */
function validateJobTemplate({ manualSelector, ...spec }: Fields): FieldError[] {
  const path = 'spec.jobTemplate.spec';
  const errors = validateJobSpec(spec, path);
  return manualSelector
    ? [...errors, unsupportedField(`${path}.manualSelector`, manualSelector, ['nil', 'false'])]
    : errors;
}

function timeZoneProblems(timeZone: unknown): FieldError[] {
  if (timeZone === undefined) return [];
  if (timeZone === '') return [invalidField('spec.timeZone', '', 'timeZone must be nil or non-empty string')];
  try {
    new Intl.DateTimeFormat('en', { timeZone: String(timeZone) });
    return [];
  } catch {
    return [invalidField('spec.timeZone', timeZone, `unknown time zone ${timeZone}`)];
  }
}
