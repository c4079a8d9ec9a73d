import { deepEqual } from '@flux/apimachinery';
import { invalidAt, subdomainProblems } from '../registry/names.ts';
import type { Strategy, StrategyContext } from '../registry/resource.ts';
import { type FieldError, forbidden, GoStructValue, invalidField, requiredField } from '../status.ts';
import { type Fields, list, setDefault } from './fields.ts';
import { oneOf } from './one-of.ts';

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
    return errors;
  },
  admit: (object, context) => checkEscalation(list(object['rules']), object, context),
};

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
  validate({ roleRef, subjects }, { resource }) {
    const errors = [
      ...oneOf('roleRef.apiGroup', roleRef.apiGroup, [rbacGroup]),
      ...oneOf('roleRef.kind', roleRef.kind, ['Role', 'ClusterRole']),
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

function shownRole({ apiGroup, kind, name }: Fields): GoStructValue {
  return new GoStructValue({ APIGroup: apiGroup, Kind: kind, Name: name });
}
