import type { Strategy, StrategyContext } from '../registry/resource.ts';
import {
  type FieldError,
  forbidden,
  forbiddenField,
  GoStructValue,
  invalidField,
  requiredField,
  unsupportedField,
} from '../status.ts';
import { validateAutoscaler } from './autoscaler-validation.ts';
import { list, setDefault, setDefaults } from './fields.ts';
import { oneOf, oneOfIfGiven } from './one-of.ts';
import { validateSelector } from './selector-validation.ts';
import { amountProblems, nonNegative } from './workload-validation.ts';

export const horizontalPodAutoscaler: Strategy = {
  setDefaults({ spec, apiVersion }) {
    setDefault(spec, 'minReplicas', 1);
    if (apiVersion === 'autoscaling/v1') return;
    if (!list(spec.metrics).length) {
      const target = { type: 'Utilization', averageUtilization: 80 };
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
    }
    if (!spec.behavior) return;
    const up = spec.behavior.scaleUp ?? {};
    const down = spec.behavior.scaleDown ?? {};
    setDefaults(up, { stabilizationWindowSeconds: 0, selectPolicy: 'Max' });
    setDefault(up, 'policies', [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ]);
    setDefault(down, 'selectPolicy', 'Max');
    setDefault(down, 'policies', [{ type: 'Percent', value: 100, periodSeconds: 15 }]);
    spec.behavior = { scaleUp: up, scaleDown: down };
  },
  prepareForCreate(object) {
    object['status'] =
      object.apiVersion === 'autoscaling/v1'
        ? { currentReplicas: 0, desiredReplicas: 0 }
        : { desiredReplicas: 0, currentMetrics: null };
  },
  validate: (object) => validateAutoscaler(object),
  validateStatusUpdate: ({ status = {} }) => nonNegative(status, 'status', ['currentReplicas', 'desiredReplicas']),
};

export const podDisruptionBudget: Strategy = {
  generation: 'spec',
  prepareForCreate(object) {
    object['status'] = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate({ spec = {} }) {
    const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
    const errors: FieldError[] = [];
    if (minAvailable !== undefined && maxUnavailable !== undefined) {
      const shown = new GoStructValue({
        MinAvailable: minAvailable,
        Selector: selector ?? null,
        MaxUnavailable: maxUnavailable,
        UnhealthyPodEvictionPolicy: policy ?? null,
      });
      errors.push(invalidField('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
    }
    return [
      ...errors,
      ...amountProblems(minAvailable, 'spec.minAvailable', '100%'),
      ...amountProblems(maxUnavailable, 'spec.maxUnavailable', '100%'),
      ...validateSelector(selector, 'spec.selector'),
      ...oneOfIfGiven('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']),
    ];
  },
  validateStatusUpdate: ({ status = {} }) =>
    nonNegative(status, 'status', ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']),
};

export const lease: Strategy = {
  createsOnUpdate: true,
  requiresVersion: true,
  validate({ spec }) {
    const errors: FieldError[] = [];
    const { leaseDurationSeconds: seconds } = spec ?? {};
    if (seconds !== undefined && seconds <= 0) {
      errors.push(invalidField('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
    }
    return [...errors, ...nonNegative(spec ?? {}, 'spec', ['leaseTransitions'])];
  },
};

const highestUserPriority = 1_000_000_000;
const systemClasses = new Set(['system-node-critical', 'system-cluster-critical']);

export const priorityClass: Strategy = {
  generation: 'object',
  setDefaults: (object) => setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority'),
  validate(object) {
    const { name } = object.metadata;
    if (systemClasses.has(name)) return [];
    const errors: FieldError[] = [];
    if (name.startsWith('system-')) {
      const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
      errors.push(forbiddenField('metadata.name', why));
    }
    if (object['value'] > highestUserPriority) {
      const why = `maximum allowed value of a user defined priority is ${highestUserPriority}`;
      errors.push(forbiddenField('value', why));
    }
    return [...errors, ...oneOf('preemptionPolicy', object['preemptionPolicy'], ['PreemptLowerPriority', 'Never'])];
  },
  validateUpdate(object, old) {
    const errors =
      object['value'] === old['value'] ? [] : [forbiddenField('value', 'may not be changed in an update.')];
    const { preemptionPolicy } = object;
    return preemptionPolicy === old['preemptionPolicy']
      ? errors
      : [...errors, invalidField('preemptionPolicy', preemptionPolicy, 'field is immutable')];
  },
  admit(object, context) {
    const known = object['globalDefault'] ? defaultClass(object.metadata.name, context) : undefined;
    if (known === undefined) return;
    const why = `PriorityClass ${known} is already marked as default. Only one default can exist`;
    throw forbidden({ group: 'scheduling.k8s.io', resource: 'priorityclasses' }, object.metadata.name, why);
  },
};

function defaultClass(except: string, { api }: StrategyContext): string | undefined {
  const classes = api.list('scheduling.k8s.io', 'priorityclasses');
  return classes.find(({ globalDefault, metadata }) => globalDefault && metadata.name !== except)?.metadata.name;
}

export const flowSchema: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    spec.matchingPrecedence ||= 1000;
  },
  validate({ spec }) {
    const { distinguisherMethod: method, priorityLevelConfiguration: level, rules } = spec;
    const errors: FieldError[] = [];
    if (method && !['ByNamespace', 'ByUser'].includes(method.type)) {
      const shown = new GoStructValue({ Type: method.type ?? '' });
      errors.push(unsupportedField('spec.distinguisherMethod.type', shown, ['ByNamespace', 'ByUser']));
    }
    if (!level?.name) {
      errors.push(requiredField('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
    }
    for (const [index, { subjects, resourceRules, nonResourceRules }] of list(rules).entries()) {
      const at = `spec.rules[${index}]`;
      if (!list(subjects).length)
        errors.push(requiredField(`${at}.subjects`, 'subjects must contain at least one value'));
      if (!list(resourceRules).length && !list(nonResourceRules).length) {
        const why = 'at least one of resourceRules and nonResourceRules has to be non-empty';
        errors.push(requiredField(at, why));
      }
    }
    return errors;
  },
};

export const priorityLevelConfiguration: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    if (spec?.limited) setDefaults(spec.limited, { nominalConcurrencyShares: 30, lendablePercent: 0 });
  },
  validate: ({ spec }) => oneOf('spec.type', spec?.type, ['Exempt', 'Limited']),
};
