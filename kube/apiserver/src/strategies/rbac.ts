import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { invalidAt, subdomainProblems } from '../registry/names.ts';
import type { Strategy, StrategyContext } from '../registry/resource.ts';
import { type FieldError, GoStructValue, invalidField, notFound, requiredField } from '../status.ts';
import { changesOnlyOwnership, checkAggregation, checkEscalation, mayEscalate } from './escalation.ts';
import { type Fields, list, setDefault } from './fields.ts';
import { oneOf } from './one-of.ts';
import { validateSelector } from './selector-validation.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

function validateRules(rules: Fields[], isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, rule] of rules.entries()) {
    const at = `rules[${index}]`;
    const urls = list(rule['nonResourceURLs']);
    const mixes =
      list(rule['apiGroups']).length + list(rule['resources']).length + list(rule['resourceNames']).length > 0;
    if (!list(rule['verbs']).length) errors.push(requiredField(`${at}.verbs`, 'verbs must contain at least one value'));
    if (urls.length > 0) {
      if (isNamespaced) {
        errors.push(invalidField(`${at}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
      }
      if (mixes) {
        const why = 'rules cannot apply to both regular resources and non-resource URLs';
        errors.push(invalidField(`${at}.nonResourceURLs`, urls, why));
      }
      continue;
    }
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
  validatesMetadataAgain: true,
  nameRule: 'path',
  createsOnUpdate: true,
  validate({ rules, aggregationRule }, { resource }) {
    const errors = validateRules(list(rules), resource.namespaced);
    if (aggregationRule && list(aggregationRule.clusterRoleSelectors).length === 0) {
      const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil';
      errors.push(requiredField('aggregationRule.clusterRoleSelectors', why));
    }
    for (const [index, selector] of list(aggregationRule?.clusterRoleSelectors).entries()) {
      const at = `aggregationRule.clusterRoleSelectors[${index}]`;
      const problems = validateSelector(selector, at);
      errors.push(...problems);
      if (problems.length > 0) errors.push(invalidField(at, null, 'invalid label selector.'));
    }
    return errors;
  },
  admit: (object, context) => checkRole(object, context),
  prepareForUpdate: (object, old, context) => checkRole(object, context, old),
};

function checkRole(object: KubeObject, context: StrategyContext, old?: KubeObject): void {
  if (mayEscalate(context) || (old && changesOnlyOwnership(object, old))) return;
  const { api, user, resource } = context;
  const { namespace, name } = object.metadata;
  const scope = { group: rbacGroup, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}) };
  if (api.authorize(user, { verb: 'escalate', resource: resource.plural, ...scope })) return;
  checkEscalation(list(object['rules']), object, context);
  if (aggregates(object) || (old && aggregates(old))) checkAggregation(object, context);
}

function aggregates({ aggregationRule }: KubeObject): boolean {
  return list(aggregationRule?.clusterRoleSelectors).length > 0;
}

export const roleBinding: Strategy = {
  validatesMetadataAgain: true,
  nameRule: 'path',
  createsOnUpdate: true,
  setDefaults({ roleRef, subjects }) {
    setDefault(roleRef, 'apiGroup', rbacGroup);
    if (!roleRef.apiGroup) roleRef.apiGroup = rbacGroup;
    for (const subject of list(subjects)) {
      if (subject['kind'] === 'User' || subject['kind'] === 'Group') setDefault(subject, 'apiGroup', rbacGroup);
    }
  },
  admit: (object, context) => checkBinding(object, context),
  prepareForUpdate: (object, old, context) => checkBinding(object, context, old),
  validate({ roleRef, subjects }, { resource }) {
    const errors = [
      ...oneOf('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup]),
      ...oneOf('roleRef.kind', roleRef.kind, resource.namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']),
    ];
    if (!roleRef.name) errors.push(requiredField('roleRef.name'));
    for (const [index, subject] of list(subjects).entries()) {
      const at = `subjects[${index}]`;
      if (!subject['name']) errors.push(requiredField(`${at}.name`));
      else if (subject['kind'] === 'ServiceAccount') {
        errors.push(...invalidAt(`${at}.name`, subject['name'], subdomainProblems(subject['name'])));
      }
      if (subject['kind'] === 'ServiceAccount' && !subject['namespace'] && !resource.namespaced)
        errors.push(requiredField(`${at}.namespace`));
      errors.push(...oneOf(`${at}.kind`, subject['kind'], ['ServiceAccount', 'User', 'Group']));
    }
    return errors;
  },
  validateUpdate(object, old, context) {
    const errors = roleBinding.validate!(object, context);
    if (!deepEqual(object['roleRef'], old['roleRef']))
      errors.push(invalidField('roleRef', shownRole(object['roleRef']), 'cannot change roleRef'));
    return errors;
  },
};

function checkBinding(object: KubeObject, context: StrategyContext, old?: KubeObject): void {
  if (mayEscalate(context) || (old && changesOnlyOwnership(object, old))) return;
  const { api, user, resource } = context;
  const { kind, name } = object['roleRef'];
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  const { namespace } = object.metadata;
  const scope = { group: rbacGroup, resource: plural, name, ...(namespace ? { namespace } : {}) };
  if (api.authorize(user, { verb: 'bind', ...scope })) return;
  const target = api.find(rbacGroup, plural, kind === 'ClusterRole' ? undefined : namespace, name);
  // The server names the resource that was asked for, and the role that is not there.
  if (!target) throw notFound({ group: rbacGroup, resource: resource.plural }, name);
  checkEscalation(list(target['rules']), object, context);
}

function shownRole({ apiGroup, kind, name }: Fields): GoStructValue {
  return new GoStructValue({ APIGroup: apiGroup, Kind: kind, Name: name });
}
