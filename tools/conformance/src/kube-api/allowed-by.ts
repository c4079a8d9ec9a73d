import type { Connection } from './connection.ts';

const group = '/apis/rbac.authorization.k8s.io/v1';
const reasonForm = /^RBAC: allowed by (Cluster)?RoleBinding "([^"]+)" of (Cluster)?Role "([^"]+)" to (\w+) "([^"]+)"$/;

interface Rule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

interface Binding {
  roleRef?: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
}

/** What a review asks for. */
export interface ReviewSpec {
  resourceAttributes?: { verb?: string; group?: string; resource?: string; subresource?: string; name?: string };
  nonResourceAttributes?: { verb?: string; path?: string };
}

/**
 * Kubernetes names by chance one of the bindings that allow a request. Is the binding that this reason names there, with
 * that role and subject, and does the role allow what the review asks for?
 */
export async function isAllowedBy(connection: Connection, reason: string, spec: ReviewSpec): Promise<boolean> {
  const [, clusterWide, binding, clusterRole, role, subjectKind, subject] = reasonForm.exec(reason) ?? [];
  if (!binding || !role) return false;
  const [bindingName, namespace] = binding.split('/') as [string, string?];
  const inNamespace = `${group}/namespaces/${namespace}`;
  const found = await read<Binding>(
    connection,
    clusterWide ? `${group}/clusterrolebindings/${bindingName}` : `${inNamespace}/rolebindings/${bindingName}`,
  );
  const isBound =
    found?.roleRef?.name === role &&
    found.roleRef.kind === (clusterRole ? 'ClusterRole' : 'Role') &&
    found.subjects?.some(
      (item) =>
        item.kind === subjectKind &&
        (item.name === subject || `${item.name}/${item.namespace ?? namespace}` === subject),
    );
  if (!isBound) return false;
  const path = clusterRole ? `${group}/clusterroles/${role}` : `${inNamespace}/roles/${role}`;
  const { rules = [] } = (await read<{ rules?: Rule[] }>(connection, path)) ?? {};
  return rules.some((rule) => allows(rule, spec));
}

async function read<T>(connection: Connection, path: string): Promise<T | undefined> {
  const { status, body } = await connection.send({ method: 'GET', path, headers: { Accept: 'application/json' } });
  return status === 200 ? (body as T) : undefined;
}

function allows(rule: Rule, { resourceAttributes, nonResourceAttributes }: ReviewSpec): boolean {
  const has = (list: string[] | undefined, value: string) => list?.some((item) => item === '*' || item === value);
  if (nonResourceAttributes) {
    const { verb = '', path = '' } = nonResourceAttributes;
    const covers = (url: string) => (url.endsWith('*') ? path.startsWith(url.slice(0, -1)) : url === path);
    return has(rule.verbs, verb) === true && (rule.nonResourceURLs ?? []).some(covers);
  }
  const { verb = '', group: apiGroup = '', resource = '', subresource, name } = resourceAttributes ?? {};
  const names = rule.resourceNames ?? [];
  return (
    has(rule.verbs, verb) === true &&
    has(rule.apiGroups, apiGroup) === true &&
    has(rule.resources, subresource ? `${resource}/${subresource}` : resource) === true &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}
