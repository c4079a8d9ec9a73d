import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, GoStructValue, invalidField } from '../status.ts';
import { validateAutoscaler } from './autoscaler-validation.ts';
import { list, setDefault, setDefaults } from './fields.ts';
import { oneOf, oneOfIfGiven } from './one-of.ts';
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
};

export const podDisruptionBudget: Strategy = {
  generation: 'spec',
  prepareForCreate(object) {
    object['status'] = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  validate({ spec }) {
    if (spec?.minAvailable !== undefined && spec?.maxUnavailable !== undefined) {
      const shown = new GoStructValue({
        MinAvailable: spec.minAvailable,
        Selector: spec.selector ?? null,
        MaxUnavailable: spec.maxUnavailable,
        UnhealthyPodEvictionPolicy: null,
      });
      return [invalidField('spec', shown, 'minAvailable and maxUnavailable cannot be both set')];
    }
    const known = ['AlwaysAllow', 'IfHealthyBudget'];
    return [
      ...['minAvailable', 'maxUnavailable'].flatMap((field) => amountProblems(spec?.[field], `spec.${field}`, '100%')),
      ...oneOfIfGiven('spec.unhealthyPodEvictionPolicy', spec?.unhealthyPodEvictionPolicy, known),
    ];
  },
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
    return object['value'] === old['value'] ? [] : [forbiddenField('value', 'may not be changed in an update.')];
  },
};

export const apiService: Strategy = {
  setDefaults({ spec }) {
    if (spec?.service) setDefault(spec.service, 'port', 443);
  },
};

export const flowSchema: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    spec.matchingPrecedence ||= 1000;
  },
};

export const priorityLevelConfiguration: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    if (spec?.limited) setDefaults(spec.limited, { nominalConcurrencyShares: 30, lendablePercent: 0 });
  },
};
