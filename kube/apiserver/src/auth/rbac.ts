import type { KubeObject } from '@flux/apimachinery';
import type { AccessCheck, Authorizer, PolicyRule, Subject, SubjectRules } from '../registry/api.ts';
import type { ApiView } from '../registry/resource.ts';
import { accountUser } from './service-account.ts';

type Reader = Pick<ApiView, 'find' | 'list'>;

const group = 'rbac.authorization.k8s.io';
const superusers = 'system:masters';

interface Binding {
  kind: 'ClusterRoleBinding' | 'RoleBinding';
  name: string;
  namespace: string | undefined;
  role: { kind: string; name: string };
  subject: string;
}

/** Everything is allowed, as `--authorization-mode=AlwaysAllow`. */
export const alwaysAllow: Authorizer = {
  rbac: false,
  allow: () => '',
  allowPath: () => '',
  rulesOf: () => ({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  }),
};

/** RBAC over the roles and bindings in the store; nothing is cached, so a change counts from the next request on. */
export function rbacAuthorizer(reader: Reader): Authorizer {
  return {
    rbac: true,
    allow(user, check) {
      if (user.groups.includes(superusers)) return '';
      for (const binding of bindingsOf(reader, user, check.namespace)) {
        if (rulesOfRole(reader, binding).some((rule) => coversResource(rule, check))) return reasonOf(binding);
      }
      return undefined;
    },
    allowPath(user, verb, path) {
      if (user.groups.includes(superusers)) return '';
      for (const binding of bindingsOf(reader, user, undefined)) {
        if (rulesOfRole(reader, binding).some((rule) => coversPath(rule, verb, path))) return reasonOf(binding);
      }
      return undefined;
    },
    rulesOf: (user, namespace) => collectRules(reader, user, namespace),
  };
}

function reasonOf({ kind, name, namespace, role, subject }: Binding): string {
  const shown = namespace ? `${name}/${namespace}` : name;
  return `RBAC: allowed by ${kind} ${JSON.stringify(shown)} of ${role.kind} ${JSON.stringify(role.name)} to ${subject}`;
}

function* bindingsOf(reader: Reader, user: Subject, namespace: string | undefined): Generator<Binding> {
  for (const object of reader.list(group, 'clusterrolebindings')) {
    const subject = matchingSubject(object, user);
    if (subject)
      yield {
        kind: 'ClusterRoleBinding',
        name: object.metadata.name,
        namespace: undefined,
        role: object['roleRef'],
        subject,
      };
  }
  if (!namespace) return;
  for (const object of reader.list(group, 'rolebindings', namespace)) {
    const subject = matchingSubject(object, user);
    if (subject) yield { kind: 'RoleBinding', name: object.metadata.name, namespace, role: object['roleRef'], subject };
  }
}

function matchingSubject(binding: KubeObject, user: Subject): string | undefined {
  for (const { kind, name, namespace } of binding['subjects'] ?? []) {
    if (kind === 'User' && name === user.name) return `User ${JSON.stringify(name)}`;
    if (kind === 'Group' && user.groups.includes(name)) return `Group ${JSON.stringify(name)}`;
    const home = namespace ?? binding.metadata.namespace;
    if (kind === 'ServiceAccount' && user.name === accountUser(home, name)) {
      return `ServiceAccount ${JSON.stringify(`${name}/${home}`)}`;
    }
  }
  return undefined;
}

function rulesOfRole(reader: Reader, { role, namespace }: Binding): PolicyRule[] {
  const isCluster = role.kind === 'ClusterRole';
  const object = isCluster
    ? reader.find(group, 'clusterroles', undefined, role.name)
    : reader.find(group, 'roles', namespace, role.name);
  return object?.['rules'] ?? [];
}

function collectRules(reader: Reader, user: Subject, namespace: string): SubjectRules {
  const result: SubjectRules = { resourceRules: [], nonResourceRules: [] };
  for (const binding of bindingsOf(reader, user, namespace)) {
    for (const rule of rulesOfRole(reader, binding)) {
      if (rule.resources?.length) result.resourceRules.push(rule);
      else if (rule.nonResourceURLs?.length && !binding.namespace) result.nonResourceRules.push(rule);
    }
  }
  return result;
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value));
}

function coversResource(rule: PolicyRule, check: AccessCheck): boolean {
  const target = check.subresource ? `${check.resource}/${check.subresource}` : check.resource;
  const names = rule.resourceNames ?? [];
  return (
    has(rule.verbs, check.verb) &&
    has(rule.apiGroups, check.group) &&
    (has(rule.resources, target) ||
      (check.subresource !== undefined && rule.resources?.includes(`*/${check.subresource}`) === true)) &&
    (names.length === 0 || (check.name !== undefined && names.includes(check.name)))
  );
}

function coversPath(rule: PolicyRule, verb: string, path: string): boolean {
  if (!has(rule.verbs, verb)) return false;
  return (rule.nonResourceURLs ?? []).some((url) =>
    url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path,
  );
}
