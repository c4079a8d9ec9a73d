import { invalidAt, pathSegmentProblems } from '../registry/names.ts';
import { type FieldError, forbiddenField, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';

/** The member of a metric that describes its source, by type. */
const sources: Readonly<Record<string, string>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

/** The API server's checks of a HorizontalPodAutoscaler. */
export function validateAutoscaler({ spec }: Fields): FieldError[] {
  return [
    ...validateBounds(spec),
    ...validateTargetRef(spec.scaleTargetRef ?? {}),
    ...list(spec.metrics).flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...['scaleUp', 'scaleDown'].flatMap((name) => {
      const rules = spec.behavior?.[name];
      return rules ? validateRules(rules, `spec.behavior.${name}`) : [];
    }),
  ];
}

function validateBounds({ minReplicas, maxReplicas, metrics }: Fields): FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas < 1) errors.push(invalidField('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  const canWake = list(metrics).some(({ type }) => type === 'Object' || type === 'External');
  if (minReplicas === 0 && !canWake) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(forbiddenField('spec.metrics', why));
  }
  if (maxReplicas < 1) errors.push(requiredField('spec.maxReplicas', 'must be set and greater than 0'));
  if (maxReplicas < minReplicas) {
    errors.push(invalidField('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  return errors;
}

function validateTargetRef({ kind, name, apiVersion = '' }: Fields): FieldError[] {
  const errors: FieldError[] = [];
  if (!kind) errors.push(requiredField('spec.scaleTargetRef.kind'));
  else errors.push(...invalidAt('spec.scaleTargetRef.kind', kind, pathSegmentProblems(kind)));
  if (kind !== 'ReplicationController' && !apiVersion.includes('/')) {
    errors.push(invalidField('spec.scaleTargetRef.apiVersion', apiVersion, 'apiVersion must specify API group'));
  }
  if (!name) errors.push(requiredField('spec.scaleTargetRef.name'));
  return errors;
}

function validateMetric(metric: Fields, path: string): FieldError[] {
  const { type } = metric;
  const field = Object.hasOwn(sources, type) ? sources[type] : undefined;
  if (field === undefined) {
    // The server looks at the type and then at the source that belongs to it, and tells both times.
    const error = unsupportedField(`${path}.type`, type, Object.keys(sources));
    return [error, error];
  }
  const source = metric[field];
  const at = `${path}.${field}`;
  if (!source) return [requiredField(at, 'must populate information for the given metric source')];
  if (type !== 'Resource') return [];
  return [
    ...(source.name ? [] : [requiredField(`${at}.name`, 'must specify a resource name')]),
    ...targetOf(source, at),
  ];
}

function targetOf({ target = {} }: Fields, path: string): FieldError[] {
  const at = `${path}.target`;
  const { averageUtilization, averageValue } = target;
  const errors = target.type ? oneOf(`${at}.type`, target.type, ['Utilization', 'Value', 'AverageValue']) : [];
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalidField(`${at}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  }
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = 'must set either a target raw value or a target utilization';
    errors.push(requiredField(`${at}.averageUtilization`, why));
  } else if (averageUtilization !== undefined && averageValue !== undefined) {
    errors.push(forbiddenField(`${at}.averageValue`, 'may not set both a target raw value and a target utilization'));
  }
  return errors;
}

function within(value: number | undefined, path: string, least: number, most: number): FieldError[] {
  if (value === undefined) return [];
  if (value < least) {
    return [
      invalidField(path, value, least > 0 ? 'must be greater than zero' : 'must be greater than or equal to zero'),
    ];
  }
  return value > most ? [invalidField(path, value, `must be less than or equal to ${most}`)] : [];
}

function validateRules(rules: Fields, path: string): FieldError[] {
  const { stabilizationWindowSeconds, selectPolicy, policies } = rules;
  const errors = within(stabilizationWindowSeconds, `${path}.stabilizationWindowSeconds`, 0, 3600);
  if (selectPolicy !== undefined)
    errors.push(...oneOf(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  if (!list(policies).length) errors.push(requiredField(`${path}.policies`, 'must specify at least one Policy'));
  for (const [index, { type, value, periodSeconds }] of list(policies).entries()) {
    const at = `${path}.policies[${index}]`;
    errors.push(...oneOf(`${at}.type`, type, ['Percent', 'Pods']));
    errors.push(...within(value ?? 0, `${at}.value`, 1, Number.POSITIVE_INFINITY));
    errors.push(...within(periodSeconds ?? 0, `${at}.periodSeconds`, 1, 1800));
  }
  return errors;
}
