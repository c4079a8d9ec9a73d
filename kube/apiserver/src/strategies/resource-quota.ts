import { deepEqual } from '@flux/apimachinery';
import { nanoOf } from '../decode/scalars.ts';
import { qualifiedNameProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';

const counted = [
  'configmaps',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
  'services.loadbalancers',
  'services.nodeports',
];
const amounts = /^(?:(?:requests|limits)\.)?(?:cpu|memory|ephemeral-storage)$|^(?:requests\.)?storage$/;

export const resourceQuota: Strategy = {
  answersDeletedObject: true,
  validate: ({ spec = {} }) => validateSpec(spec),
  validateUpdate({ spec = {} }, old) {
    const errors = validateSpec(spec);
    const scopes = (value: Fields | undefined) => [...new Set(list(value?.['scopes']) as unknown as string[])].sort();
    if (!deepEqual(scopes(spec), scopes(old['spec']))) {
      errors.push(invalidField('spec.scopes', spec.scopes ?? null, 'field is immutable'));
    }
    return errors;
  },
  validateStatusUpdate: ({ status = {} }) => [
    ...validateAmounts(status.hard, 'status.hard'),
    ...validateAmounts(status.used, 'status.used'),
  ],
};

function validateSpec(spec: Fields): FieldError[] {
  return [...validateAmounts(spec['hard'], 'spec.hard'), ...validateScopes(spec), ...validateScopeSelector(spec)];
}

function isStandard(name: string): boolean {
  return amounts.test(name) || counted.includes(name);
}

function validateAmounts(hard: Record<string, string> | undefined, path: string): FieldError[] {
  return Object.entries(hard ?? {}).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`;
    const errors = qualifiedNameProblems(name).map((problem) => invalidField(at, name, problem));
    const isKnown = isStandard(name) || name.includes('/');
    if (!isKnown && errors.length === 0) {
      errors.push(invalidField(at, name, 'must be a standard resource type or fully qualified'));
    }
    if (!isKnown) errors.push(invalidField(at, name, 'must be a standard resource for quota'));
    return [...errors, ...validateAmount(name, amount, at)];
  });
}

function validateAmount(name: string, amount: string, path: string): FieldError[] {
  const nano = nanoOf(amount);
  const errors: FieldError[] = [];
  if (nano < 0n) errors.push(invalidField(path, amount, 'must be greater than or equal to 0'));
  const isWhole = counted.includes(name) || name.includes('/');
  if (isWhole && nano % 1_000_000_000n !== 0n) errors.push(invalidField(path, amount, 'must be an integer'));
  return errors;
}

const scopeNames = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
];
const contradictions = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

/** Best effort pods ask for nothing that could be counted but themselves. */
function fits(scope: string, resource: string): boolean {
  if (!scopeNames.includes(scope)) return true;
  if (scope === 'VolumeAttributesClass') return /persistentvolumeclaims$|(?:^|\.)storage$/.test(resource);
  if (scope === 'BestEffort') return resource === 'pods';
  return resource === 'pods' || /^(?:(?:requests|limits)\.)?(?:cpu|memory)$/.test(resource);
}

function misfits({ hard }: Fields, scope: string): string[] {
  return Object.keys(hard ?? {}).filter((name) => isStandard(name) && !fits(scope, name));
}

function validateScopes(spec: Fields): FieldError[] {
  const scopes = list(spec['scopes']) as unknown as string[];
  const at = 'spec.scopes';
  const errors = scopes.flatMap((scope) => [
    ...(scopeNames.includes(scope) ? [] : [invalidField(at, scopes, 'unsupported scope')]),
    ...misfits(spec, scope).map(() => invalidField(at, scopes, 'unsupported scope applied to resource')),
  ]);
  for (const pair of contradictions) {
    if (pair.every((scope) => scopes.includes(scope))) errors.push(invalidField(at, scopes, 'conflicting scopes'));
  }
  return errors;
}

const onlyExists =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateScopeSelector(spec: Fields): FieldError[] {
  const at = 'spec.scopeSelector.matchExpressions';
  const selector = spec['scopeSelector'];
  return list(selector?.matchExpressions).flatMap(({ scopeName, operator, values }) => {
    const errors: FieldError[] = [];
    if (!scopeNames.includes(scopeName)) {
      errors.push(invalidField(`${at}.scopeName`, scopeName, 'unsupported scope'));
    }
    errors.push(
      ...misfits(spec, scopeName).map(() => invalidField(at, selector, 'unsupported scope applied to resource')),
    );
    const hasValues = !['PriorityClass', 'VolumeAttributesClass'].includes(scopeName);
    if (scopeNames.includes(scopeName) && hasValues && operator !== 'Exists') {
      errors.push(invalidField(`${at}.operator`, operator, onlyExists));
    }
    return [...errors, ...validateValues(operator, list(values), at)];
  });
}

function validateValues(operator: string, values: readonly unknown[], path: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn') {
    const why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    return values.length === 0 ? [requiredField(`${path}.values`, why)] : [];
  }
  if (operator === 'Exists' || operator === 'DoesNotExist') {
    const why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    return values.length > 0 ? [invalidField(`${path}.values`, values, why)] : [];
  }
  return [invalidField(`${path}.operator`, operator, 'not a valid selector operator')];
}
