import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';

interface Scope {
  scopeName: string;
  operator: string;
  values: readonly string[];
}

/** Quotas with scopes count only pods, and of them only those that are in every scope. */
export function isInScopes(quota: KubeObject, kind: { group: string; plural: string }, object: KubeObject): boolean {
  const scopes = scopesOf(quota);
  if (scopes.length === 0) return true;
  if (kind.group !== '' || kind.plural !== 'pods') return false;
  return scopes.every((scope) => isInScope(object, scope));
}

function scopesOf({ spec }: KubeObject): Scope[] {
  const plain = ((spec?.scopes ?? []) as string[]).map((scopeName) => ({ scopeName, operator: 'Exists', values: [] }));
  const selected = list(spec?.scopeSelector?.matchExpressions).map(({ scopeName, operator, values }) => ({
    scopeName,
    operator,
    values: values ?? [],
  }));
  return [...plain, ...selected];
}

function isInScope({ spec }: KubeObject, { scopeName, operator, values }: Scope): boolean {
  switch (scopeName) {
    case 'Terminating':
      return hasDeadline(spec);
    case 'NotTerminating':
      return !hasDeadline(spec);
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass':
      return matches(spec.priorityClassName, operator, values);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec.affinity ?? {});
    default:
      return false;
  }
}

function hasDeadline({ activeDeadlineSeconds }: Fields): boolean {
  return typeof activeDeadlineSeconds === 'number' && activeDeadlineSeconds >= 0;
}

function isBestEffort(spec: Fields): boolean {
  return [...list(spec['containers']), ...list(spec['initContainers'])].every(
    ({ resources }) => Object.keys({ ...resources?.requests, ...resources?.limits }).length === 0,
  );
}

function matches(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return Boolean(value);
    case 'DoesNotExist':
      return !value;
    case 'In':
      return value !== undefined && values.includes(value);
    default:
      return value === undefined || !values.includes(value);
  }
}

function crossesNamespaces({ podAffinity, podAntiAffinity }: Fields): boolean {
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity: Fields | undefined) => [
    ...list(affinity?.['requiredDuringSchedulingIgnoredDuringExecution']),
    ...list(affinity?.['preferredDuringSchedulingIgnoredDuringExecution']).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    ),
  ]);
  return terms.some((term) => term?.namespaces?.length > 0 || term?.namespaceSelector);
}
