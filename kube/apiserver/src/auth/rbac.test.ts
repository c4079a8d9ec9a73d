import type { KubeObject } from '@flux/apimachinery';
import { describe, expect, it } from 'vitest';
import { rbacAuthorizer } from './rbac.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
type Fields = Record<string, unknown>;

function object(kind: string, name: string, fields: Fields, namespace?: string): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) }, ...fields };
}

function authorizerOf(objects: KubeObject[]) {
  const plurals: Record<string, string> = {
    ClusterRole: 'clusterroles',
    ClusterRoleBinding: 'clusterrolebindings',
    Role: 'roles',
    RoleBinding: 'rolebindings',
  };
  const list = (_group: string, plural: string, namespace?: string) =>
    objects.filter((item) => plurals[item.kind] === plural && (!namespace || item.metadata.namespace === namespace));
  const find = (group: string, plural: string, namespace: string | undefined, name: string) =>
    list(group, plural, namespace).find(({ metadata }) => metadata.name === name);
  return rbacAuthorizer({ list, find });
}

const reader = object('ClusterRole', 'reader', {
  rules: [
    { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get'] },
    { apiGroups: ['apps'], resources: ['*/scale'], verbs: ['update'] },
    { nonResourceURLs: ['/metrics', '/logs/*'], verbs: ['get'] },
  ],
});
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' };
const jane = { name: 'jane', groups: ['devs', 'system:authenticated'] };

describe('RBAC', () => {
  const bound = authorizerOf([
    reader,
    object('RoleBinding', 'b', { roleRef, subjects: [{ kind: 'Group', name: 'devs' }] }, 'team'),
  ]);
  const check = { verb: 'get', group: '', resource: 'configmaps' };

  it('allows by a RoleBinding in its namespace only, and says why', () => {
    expect(bound.allow(jane, { ...check, namespace: 'team' })).toBe(
      'RBAC: allowed by RoleBinding "b/team" of ClusterRole "reader" to Group "devs"',
    );
    expect(bound.allow(jane, { ...check, namespace: 'other' })).toBeUndefined();
    expect(bound.allow(jane, check)).toBeUndefined();
  });

  it('limits a rule with names to those names', () => {
    const secret = { verb: 'get', group: '', resource: 'secrets', namespace: 'team' };
    expect(bound.allow(jane, { ...secret, name: 'mine' })).toBeDefined();
    expect(bound.allow(jane, { ...secret, name: 'yours' })).toBeUndefined();
    expect(bound.allow(jane, secret)).toBeUndefined();
  });

  it('covers a subresource of every resource by */name', () => {
    const scale = { verb: 'update', group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'team' };
    expect(bound.allow(jane, scale)).toBeDefined();
    expect(bound.allow(jane, { ...scale, subresource: 'status' })).toBeUndefined();
  });

  it('gives paths only by a ClusterRoleBinding', () => {
    const subjects = [{ kind: 'ServiceAccount', name: 'robot', namespace: 'team' }];
    const cluster = authorizerOf([reader, object('ClusterRoleBinding', 'c', { roleRef, subjects })]);
    const robot = { name: 'system:serviceaccount:team:robot', groups: [] };
    expect(cluster.allowPath(robot, 'get', '/logs/a')).toBeDefined();
    expect(cluster.allowPath(robot, 'get', '/metrics/a')).toBeUndefined();
    expect(bound.allowPath(jane, 'get', '/metrics')).toBeUndefined();
  });

  it('allows members of system:masters everything', () => {
    expect(bound.allow({ name: 'root', groups: ['system:masters'] }, { ...check, verb: 'delete' })).toBe('');
  });
});
