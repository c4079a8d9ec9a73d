import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, GoStructValue, invalidField, requiredField } from '../status.ts';
import { list, setDefault, setDefaults } from './fields.ts';
import { amountProblems } from './workload-validation.ts';

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
  validate({ spec }) {
    const errors: FieldError[] = [];
    if (spec.maxReplicas < 1) errors.push(invalidField('spec.maxReplicas', spec.maxReplicas, 'must be greater than 0'));
    if (spec.maxReplicas < spec.minReplicas) {
      errors.push(invalidField('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`'));
    }
    if (!spec.scaleTargetRef?.kind) errors.push(requiredField('spec.scaleTargetRef.kind'));
    const { kind, apiVersion = '' } = spec.scaleTargetRef ?? {};
    if (kind && kind !== 'ReplicationController' && !apiVersion.includes('/')) {
      errors.push(invalidField('spec.scaleTargetRef.apiVersion', apiVersion, 'apiVersion must specify API group'));
    }
    if (!spec.scaleTargetRef?.name) errors.push(requiredField('spec.scaleTargetRef.name'));
    return errors;
  },
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
        Selector: null,
        MaxUnavailable: spec.maxUnavailable,
        UnhealthyPodEvictionPolicy: null,
      });
      return [invalidField('spec', shown, 'minAvailable and maxUnavailable cannot be both set')];
    }
    return ['minAvailable', 'maxUnavailable'].flatMap((field) => amountProblems(spec?.[field], `spec.${field}`));
  },
};

export const lease: Strategy = { createsOnUpdate: true, requiresVersion: true };

export const priorityClass: Strategy = {
  generation: 'object',
  setDefaults: (object) => setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority'),
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

export const certificateSigningRequest: Strategy = {
  prepareForCreate(object, { user }) {
    object['spec'] = { ...object['spec'], username: user.name, uid: 'admin', groups: [...user.groups] };
  },
};
