import { invalidAt, labelProblems } from '../registry/names.ts';
import {
  type FieldError,
  forbiddenField,
  GoStructValue,
  invalidField,
  requiredField,
  unsupportedField,
} from '../status.ts';
import { validateClaimSpec } from './claim-validation.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';

/** Numbers that must not be negative; `null` is a number that is not given. */
export function nonNegative(values: Fields, path: string, names: readonly string[]): FieldError[] {
  return names.flatMap((name) => {
    const value = values[name];
    return typeof value === 'number' && value < 0
      ? [invalidField(`${path}.${name}`, value, 'must be greater than or equal to 0')]
      : [];
  });
}

/** A number, or a percentage in a text; with `most`, no more than 100%. */
export function amountProblems(value: unknown, path: string, most?: '100%'): FieldError[] {
  if (typeof value === 'number') {
    return value < 0 ? [invalidField(path, value, 'must be greater than or equal to 0')] : [];
  }
  if (typeof value !== 'string') return [];
  const percent = /^(\d+)%$/.exec(value);
  if (percent === null) {
    const rule =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
    return [invalidField(path, value, rule)];
  }
  return most !== undefined && Number(percent[1]) > 100
    ? [invalidField(path, value, 'must not be greater than 100%')]
    : [];
}

function isZero(value: unknown): boolean {
  return value === 0 || value === '0%';
}

/** A strategy of an unknown type as Go's internal type prints it. */
function shownStrategy({ type }: Fields): GoStructValue {
  return new GoStructValue({ Type: type, RollingUpdate: null });
}

export function validateDeploymentSpec(spec: Fields): FieldError[] {
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  const errors = [
    ...validateDeploymentStrategy(spec['strategy']),
    ...nonNegative(spec, 'spec', ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds']),
  ];
  if (progressDeadlineSeconds !== undefined && progressDeadlineSeconds <= minReadySeconds) {
    const at = 'spec.progressDeadlineSeconds';
    errors.push(invalidField(at, progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return errors;
}

function validateDeploymentStrategy(strategy: Fields): FieldError[] {
  if (strategy['type'] === 'Recreate') {
    return strategy['rollingUpdate']
      ? [forbiddenField('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'")]
      : [];
  }
  if (strategy['type'] !== 'RollingUpdate') {
    return [unsupportedField('spec.strategy', shownStrategy(strategy), ['Recreate', 'RollingUpdate'])];
  }
  const { maxUnavailable, maxSurge } = strategy['rollingUpdate'];
  const at = 'spec.strategy.rollingUpdate';
  const errors = [
    ...amountProblems(maxUnavailable, `${at}.maxUnavailable`, '100%'),
    ...amountProblems(maxSurge, `${at}.maxSurge`),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(invalidField(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

export function validateDaemonSetSpec(spec: Fields): FieldError[] {
  return [
    ...nonNegative(spec, 'spec', ['minReadySeconds', 'revisionHistoryLimit']),
    ...validateDaemonSetStrategy(spec['updateStrategy']),
  ];
}

function validateDaemonSetStrategy(strategy: Fields): FieldError[] {
  if (strategy['type'] === 'OnDelete') return [];
  if (strategy['type'] !== 'RollingUpdate') {
    return [unsupportedField('spec.updateStrategy', shownStrategy(strategy), ['RollingUpdate', 'OnDelete'])];
  }
  const { maxUnavailable, maxSurge } = strategy['rollingUpdate'];
  const at = 'spec.updateStrategy.rollingUpdate';
  const errors = [
    ...amountProblems(maxUnavailable, `${at}.maxUnavailable`, '100%'),
    ...amountProblems(maxSurge, `${at}.maxSurge`, '100%'),
  ];
  if (isZero(maxUnavailable) && isZero(maxSurge)) {
    errors.push(requiredField(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  } else if (!isZero(maxUnavailable) && !isZero(maxSurge)) {
    errors.push(invalidField(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  }
  return errors;
}

export function validateStatefulSetSpec(spec: Fields): FieldError[] {
  const errors = validateStatefulSetStrategy(spec['updateStrategy']);
  const { serviceName } = spec;
  if (serviceName) errors.push(...invalidAt('spec.serviceName', serviceName, labelProblems(serviceName)));
  for (const [index, claim] of list(spec['volumeClaimTemplates']).entries()) {
    errors.push(...validateClaimSpec(claim['spec'] ?? {}, `spec.volumeClaimTemplates[${index}].spec`));
  }
  if (!['OrderedReady', 'Parallel'].includes(spec['podManagementPolicy'])) {
    errors.push(
      invalidField('spec.podManagementPolicy', spec['podManagementPolicy'], "must be 'OrderedReady' or 'Parallel'"),
    );
  }
  for (const name of ['whenDeleted', 'whenScaled']) {
    const value = spec['persistentVolumeClaimRetentionPolicy']?.[name];
    if (value === undefined) continue;
    errors.push(...oneOf(`spec.persistentVolumeClaimRetentionPolicy.${name}`, value, ['Retain', 'Delete']));
  }
  return [
    ...errors,
    ...nonNegative(spec, 'spec', ['minReadySeconds']),
    ...nonNegative(spec['ordinals'] ?? {}, 'spec.ordinals', ['start']),
  ];
}

function validateStatefulSetStrategy(strategy: Fields): FieldError[] {
  const { type, rollingUpdate } = strategy;
  const at = 'spec.updateStrategy';
  if (type === 'RollingUpdate') return nonNegative(rollingUpdate ?? {}, `${at}.rollingUpdate`, ['partition']);
  if (type !== 'OnDelete') {
    return [invalidField(at, shownStrategy(strategy), "must be 'RollingUpdate' or 'OnDelete'")];
  }
  if (!rollingUpdate) return [];
  const shown = new GoStructValue({
    Partition: rollingUpdate.partition ?? null,
    MaxUnavailable: rollingUpdate.maxUnavailable ?? null,
  });
  return [invalidField(`${at}.rollingUpdate`, shown, "only allowed for updateStrategy 'RollingUpdate'")];
}
