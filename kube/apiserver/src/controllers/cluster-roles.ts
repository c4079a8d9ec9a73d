import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { list } from '../strategies/fields.ts';
import { selectorMatches } from '../strategies/pod-template.ts';
import type { ControllerContext } from './context.ts';
import { Loop } from './loop.ts';

/** A ClusterRole with an aggregationRule has the rules of the roles that it selects, in the order of their names. */
export function startClusterRoles({ api, log, writer }: ControllerContext): Loop {
  const roles = api.resource('rbac.authorization.k8s.io', 'clusterroles');
  const loop: Loop = new Loop('cluster roles', log, (name) => {
    const role = roles.bucket.get(name);
    if (!role?.['aggregationRule']) return;
    const rules = aggregate(role, roles.bucket.values());
    if (deepEqual(rules, list(role['rules']))) return;
    writer.update(roles, role, (object) => Object.assign(object, { rules }));
  });
  loop.watch(roles.bucket, () =>
    roles.bucket
      .values()
      .filter((role) => role['aggregationRule'])
      .map(({ metadata }) => metadata.name),
  );
  return loop;
}

function aggregate(role: KubeObject, roles: readonly KubeObject[]): unknown[] {
  const rules: unknown[] = [];
  for (const selector of list(role['aggregationRule'].clusterRoleSelectors)) {
    for (const other of roles) {
      if (other.metadata.name === role.metadata.name) continue;
      if (!selectorMatches(selector, other.metadata.labels ?? {})) continue;
      for (const rule of list(other['rules'])) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
