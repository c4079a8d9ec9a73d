import { deepEqual, type KubeObject } from '@flux/apimachinery';
import type { PolicyRule } from '../registry/api.ts';
import type { StrategyContext } from '../registry/resource.ts';
import { forbidden } from '../status.ts';
import { type Fields, list, without } from './fields.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

/** May the user give away whatever they like? */
export function mayEscalate({ api, user }: StrategyContext): boolean {
  return !api.rbac || user.groups.includes('system:masters');
}

/** What the garbage collector writes is no grant. */
export function changesOnlyOwnership(object: KubeObject, old: KubeObject): boolean {
  const rest = (value: KubeObject): Fields => ({
    ...value,
    metadata: without(value.metadata, ['finalizers', 'ownerReferences', 'managedFields', 'resourceVersion']),
  });
  return deepEqual(rest(object), rest(old));
}

/** Roles and bindings do not give away more than their author has (verbs escalate and bind excepted). */
export function checkEscalation(rules: readonly Fields[], object: KubeObject, context: StrategyContext): void {
  const { user } = context;
  const missing = missingRules(rules, object, context);
  if (missing.length === 0) return;
  const shown = join(missing).map(showRule).sort();
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${shown.join('\n')}`;
  throw refusal(object, context, why);
}

const fullAuthority: readonly Fields[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** A role that gathers the rules of others can get any of them, so that only those make or change it who have all. */
export function checkAggregation(object: KubeObject, context: StrategyContext): void {
  if (missingRules(fullAuthority, object, context).length === 0) return;
  throw refusal(object, context, 'must have cluster-admin privileges to use the aggregationRule');
}

function missingRules(rules: readonly Fields[], { metadata }: KubeObject, context: StrategyContext): PolicyRule[] {
  return rules.flatMap(singleRules).filter((rule) => !isCovered(rule, context, metadata.namespace));
}

function refusal({ metadata }: KubeObject, { resource }: StrategyContext, why: string) {
  return forbidden({ group: rbacGroup, resource: resource.plural }, metadata.name ?? '', why);
}

/** One rule for each combination of what a rule lists. */
function singleRules(rule: Fields): PolicyRule[] {
  const texts = (name: string) => list(rule[name]) as unknown as string[];
  const urls = texts('nonResourceURLs').flatMap((url) =>
    texts('verbs').map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
  );
  const names = texts('resourceNames');
  const resources = texts('apiGroups').flatMap((group) =>
    texts('resources').flatMap((resource) =>
      texts('verbs').flatMap((verb) => {
        const single = { apiGroups: [group], resources: [resource], verbs: [verb] };
        return names.length === 0 ? [single] : names.map((name) => ({ ...single, resourceNames: [name] }));
      }),
    ),
  );
  return [...resources, ...urls];
}

function isCovered(rule: PolicyRule, { api, user }: StrategyContext, namespace: string | undefined): boolean {
  const verb = rule.verbs[0]!;
  const url = rule.nonResourceURLs?.[0];
  if (url !== undefined) return api.authorizePath(user, verb, url);
  const [resource = '', subresource] = rule.resources?.[0]?.split('/') ?? [];
  const name = rule.resourceNames?.[0];
  return api.authorize(user, {
    verb,
    group: rule.apiGroups?.[0] ?? '',
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace ? { namespace } : {}),
    ...(name === undefined ? {} : { name }),
  });
}

/** Rules of one resource are shown as one, with all their verbs. */
function join(rules: readonly PolicyRule[]): PolicyRule[] {
  const joined = new Map<string, PolicyRule>();
  for (const rule of rules) {
    const { verbs, ...target } = rule;
    const key = JSON.stringify(rule.nonResourceURLs ? rule : target);
    const before = joined.get(key)?.verbs ?? [];
    joined.set(key, { ...target, verbs: [...new Set([...before, ...verbs])] });
  }
  return [...joined.values()];
}

function showRule({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const parts = Object.entries({
    APIGroups: apiGroups,
    Resources: resources,
    NonResourceURLs: nonResourceURLs,
    ResourceNames: resourceNames,
    Verbs: verbs,
  }).flatMap(([name, values]) =>
    values?.length ? [`${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`] : [],
  );
  return `{${parts.join(', ')}}`;
}
