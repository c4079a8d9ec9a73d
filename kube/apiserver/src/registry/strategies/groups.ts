import { deepEqual } from '@flux/apimachinery';
import {
  type FieldError,
  forbidden,
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
} from '../../status.ts';
import type { Strategy, StrategyContext } from '../resource.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** Roles and bindings do not give away more than their author has (verbs escalate and bind excepted). */
function checkEscalation(rules: Fields[], object: Fields, context: StrategyContext): void {
  const { api, user, resource } = context;
  if (!api.rbac || user.groups.includes('system:masters')) return;
  const namespace = object['metadata'].namespace;
  const scope = { group: rbacGroup, ...(namespace ? { namespace } : {}) };
  if (api.authorize(user, { verb: 'escalate', resource: resource.plural, ...scope })) return;
  const missing = rules.filter((rule) => !isCovered(rule, context, namespace));
  if (missing.length === 0) return;
  const shown = missing.map(
    ({ apiGroups, resources, verbs }) =>
      `{APIGroups:[${quoted(apiGroups)}], Resources:[${quoted(resources)}], Verbs:[${quoted(verbs)}]}`,
  );
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${shown.join('\n')}`;
  throw forbidden({ group: rbacGroup, resource: resource.plural }, object['metadata'].name ?? '', why);
}

function quoted(values: string[] | undefined): string {
  return (values ?? []).map((value) => JSON.stringify(value)).join(' ');
}

function isCovered(rule: Fields, { api, user }: StrategyContext, namespace: string | undefined): boolean {
  return list(rule['verbs']).every((verb) =>
    list(rule['apiGroups']).every((group) =>
      list(rule['resources']).every((resource) =>
        api.authorize(user, {
          verb: String(verb),
          group: String(group),
          resource: String(resource),
          ...(namespace ? { namespace } : {}),
        }),
      ),
    ),
  );
}

function validateRules(rules: Fields[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, rule] of rules.entries()) {
    const at = `rules[${index}]`;
    if (!list(rule['verbs']).length) errors.push(requiredField(`${at}.verbs`, 'verbs must contain at least one value'));
    if (list(rule['nonResourceURLs']).length > 0) continue;
    if (!list(rule['apiGroups']).length) {
      errors.push(requiredField(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    }
    if (!list(rule['resources']).length) {
      errors.push(requiredField(`${at}.resources`, 'resource rules must supply at least one resource'));
    }
  }
  return errors;
}

export const role: Strategy = {
  nameRule: 'path',
  createsOnUpdate: true,
  validate: ({ rules }) => validateRules(list(rules)),
  admit: (object, context) => checkEscalation(list(object['rules']), object, context),
};

export const roleBinding: Strategy = {
  nameRule: 'path',
  createsOnUpdate: true,
  setDefaults({ roleRef, subjects }) {
    setDefault(roleRef, 'apiGroup', rbacGroup);
    if (!roleRef.apiGroup) roleRef.apiGroup = rbacGroup;
    for (const subject of list(subjects)) {
      if (subject['kind'] === 'User' || subject['kind'] === 'Group') setDefault(subject, 'apiGroup', rbacGroup);
    }
  },
  admit(object, context) {
    const { api, user } = context;
    if (!api.rbac || user.groups.includes('system:masters')) return;
    const { kind, name } = object['roleRef'];
    const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    const { namespace } = object.metadata;
    const scope = { group: rbacGroup, resource: plural, name, ...(namespace ? { namespace } : {}) };
    if (api.authorize(user, { verb: 'bind', ...scope })) return;
    const target = api.find(rbacGroup, plural, kind === 'ClusterRole' ? undefined : namespace, name);
    checkEscalation(list(target?.['rules']), object, context);
  },
  validate({ roleRef, subjects }) {
    const errors: FieldError[] = [];
    if (roleRef.apiGroup !== rbacGroup)
      errors.push(unsupportedField('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup]));
    if (!['Role', 'ClusterRole'].includes(roleRef.kind))
      errors.push(unsupportedField('roleRef.kind', roleRef.kind, ['ClusterRole', 'Role']));
    if (!roleRef.name) errors.push(requiredField('roleRef.name'));
    for (const [index, subject] of list(subjects).entries()) {
      const at = `subjects[${index}]`;
      if (!subject['name']) errors.push(requiredField(`${at}.name`));
      if (subject['kind'] === 'ServiceAccount' && !subject['namespace']) errors.push(requiredField(`${at}.namespace`));
      if (!['User', 'Group', 'ServiceAccount'].includes(subject['kind'])) {
        errors.push(unsupportedField(`${at}.kind`, subject['kind'], ['Group', 'ServiceAccount', 'User']));
      }
    }
    return errors;
  },
  validateUpdate(object, old, context) {
    const errors = roleBinding.validate!(object, context);
    if (!deepEqual(object['roleRef'], old['roleRef']))
      errors.push(invalidField('roleRef', object['roleRef'], 'cannot change roleRef'));
    return errors;
  },
};

export const ingress: Strategy = {
  generation: 'spec',
  answersDeletedObject: false,
  prepareForCreate(object) {
    object['status'] = { loadBalancer: {} };
  },
  validate({ spec }) {
    const errors: FieldError[] = [];
    if (!spec?.defaultBackend && !list(spec?.rules).length) {
      errors.push(invalidField('spec', null, 'either `defaultBackend` or `rules` must be specified'));
    }
    for (const [index, rule] of list(spec?.rules).entries()) {
      for (const [position, path] of list(rule['http']?.paths).entries()) {
        errors.push(...validatePath(path, `spec.rules[${index}].http.paths[${position}]`));
      }
    }
    return errors;
  },
};

function validatePath(path: Fields, at: string): FieldError[] {
  const known = ['Exact', 'ImplementationSpecific', 'Prefix'];
  const errors: FieldError[] = [];
  if (!path['pathType']) errors.push(requiredField(`${at}.pathType`, 'pathType must be specified'));
  else if (!known.includes(path['pathType'])) errors.push(unsupportedField(`${at}.pathType`, path['pathType'], known));
  else if (path['pathType'] !== 'ImplementationSpecific' && !String(path['path'] ?? '').startsWith('/')) {
    errors.push(invalidField(`${at}.path`, path['path'] ?? '', 'must be an absolute path'));
  }
  const { service, resource } = path['backend'] ?? {};
  if (service && !service.port?.name && !service.port?.number) {
    errors.push(requiredField(`${at}.backend`, 'port name or number is required'));
  }
  if (!service && !resource) errors.push(requiredField(`${at}.backend`, 'service or resource backend is required'));
  return errors;
}

export const ingressClass: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    if (spec?.parameters) setDefault(spec.parameters, 'scope', 'Cluster');
  },
};

export const networkPolicy: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    for (const rule of [...list(spec.ingress), ...list(spec.egress)]) {
      for (const port of list(rule['ports'])) setDefault(port, 'protocol', 'TCP');
    }
    if (!list(spec.policyTypes).length) {
      spec.policyTypes = list(spec.egress).length ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
  validate({ spec }) {
    const known = ['Ingress', 'Egress'];
    const types: string[] = spec.policyTypes ?? [];
    return types.flatMap((type, index) =>
      known.includes(type) ? [] : [unsupportedField(`spec.policyTypes[${index}]`, type, known)],
    );
  },
};

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
      const shown = {
        MinAvailable: spec.minAvailable,
        Selector: null,
        MaxUnavailable: spec.maxUnavailable,
        UnhealthyPodEvictionPolicy: null,
      };
      return [invalidField('spec', shown, 'minAvailable and maxUnavailable cannot be both set')];
    }
    return ['minAvailable', 'maxUnavailable'].flatMap((field) => amountProblems(spec?.[field], `spec.${field}`));
  },
};

/** A number, or a percentage in a text. */
function amountProblems(value: unknown, path: string): FieldError[] {
  if (typeof value === 'number') {
    return value < 0 ? [invalidField(path, value, 'must be greater than or equal to 0')] : [];
  }
  if (typeof value !== 'string' || /^\d+%$/.test(value)) return [];
  const rule =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return [invalidField(path, value, rule)];
}

export const lease: Strategy = { createsOnUpdate: true, requiresVersion: true };

export const endpointSlice: Strategy = {
  generation: 'object',
  setDefaults({ ports }) {
    for (const port of list(ports)) setDefaults(port, { name: '', protocol: 'TCP' });
  },
};

export const storageClass: Strategy = {
  answersDeletedObject: true,
  setDefaults: (object) => setDefaults(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  validateUpdate(object, old) {
    const errors: FieldError[] = [];
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
      if (!deepEqual(object[field], old[field])) errors.push(invalidField(field, object[field], 'field is immutable'));
    }
    return errors;
  },
};

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

export const priorityClass: Strategy = {
  generation: 'object',
  setDefaults: (object) => setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority'),
  validateUpdate(object, old) {
    return object['value'] === old['value'] ? [] : [forbiddenField('value', 'may not be changed in an update.')];
  },
};

function setWebhookDefaults(webhook: Fields): void {
  setDefaults(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  });
  if (webhook['clientConfig']?.service) setDefault(webhook['clientConfig'].service, 'port', 443);
  for (const rule of list(webhook['rules'])) setDefault(rule, 'scope', '*');
}

export const validatingWebhookConfiguration: Strategy = {
  generation: 'object',
  setDefaults: ({ webhooks }) => list(webhooks).forEach(setWebhookDefaults),
};

export const mutatingWebhookConfiguration: Strategy = {
  generation: 'object',
  setDefaults({ webhooks }) {
    for (const webhook of list(webhooks)) {
      setWebhookDefaults(webhook);
      setDefault(webhook, 'reinvocationPolicy', 'Never');
    }
  },
};

export const admissionPolicy: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    setDefault(spec, 'failurePolicy', 'Fail');
    const constraints = spec.matchConstraints;
    if (!constraints) return;
    setDefaults(constraints, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
    for (const rule of list(constraints.resourceRules)) setDefault(rule, 'scope', '*');
  },
};

export const admissionPolicyBinding: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    const resources = spec?.matchResources;
    if (!resources) return;
    setDefaults(resources, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
    for (const rule of list(resources.resourceRules)) setDefault(rule, 'scope', '*');
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
