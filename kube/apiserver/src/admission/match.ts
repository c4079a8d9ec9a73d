import { type KubeObject, labelSelectorFromObject } from '@flux/apimachinery';
import type { Resource } from '../registry/resource.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { type Attributes, nameOf, namespaceOf } from './attributes.ts';

/** Which changes a policy, its binding or a webhook covers. */
export interface Coverage {
  readonly rules: readonly Fields[];
  readonly excluded: readonly Fields[];
  readonly isExact: boolean;
  readonly namespaceSelector: Fields | undefined;
  readonly objectSelector: Fields | undefined;
}

/** `matchConstraints` of a policy or `matchResources` of its binding. */
export function coverageOf(match: Fields | undefined): Coverage {
  return {
    rules: list(match?.['resourceRules']),
    excluded: list(match?.['excludeResourceRules']),
    isExact: match?.['matchPolicy'] === 'Exact',
    namespaceSelector: match?.['namespaceSelector'],
    objectSelector: match?.['objectSelector'],
  };
}

/**
 * The resource under which a change is covered: the one that was asked for, or with matchPolicy Equivalent another served
 * version of it. Undefined when it is not covered.
 */
export function matchResource(coverage: Coverage, attributes: Attributes): Resource | undefined {
  if (coverage.excluded.some((rule) => matchRule(rule, attributes, coverage.isExact))) return undefined;
  const resource = matchRules(coverage, attributes);
  if (!resource || !isInNamespace(coverage.namespaceSelector, attributes)) return undefined;
  return hasLabels(coverage.objectSelector, attributes) ? resource : undefined;
}

/** The same for a binding, which without rules covers everything. */
export function matchesResources(match: Fields | undefined, attributes: Attributes): Resource | undefined {
  const coverage = coverageOf(match);
  if (coverage.rules.length > 0) return matchResource(coverage, attributes);
  return matchResource({ ...coverage, rules: [everything] }, attributes);
}

const everything: Fields = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] };

/** A rule for the very version goes before earlier ones for an equivalent. */
function matchRules({ rules, isExact }: Coverage, attributes: Attributes): Resource | undefined {
  for (const exact of isExact ? [true] : [true, false]) {
    for (const rule of rules) {
      const found = matchRule(rule, attributes, exact);
      if (found) return found;
    }
  }
  return undefined;
}

function has(values: unknown, wanted: string): boolean {
  return list(values).some((value: unknown) => value === '*' || value === wanted);
}

function matchRule(rule: Fields, attributes: Attributes, isExact: boolean): Resource | undefined {
  const { operation, write } = attributes;
  const { operations, scope = '*', resourceNames } = rule;
  if (!has(operations, operation)) return undefined;
  if (scope !== '*' && (scope === 'Namespaced') !== write.resource.namespaced) return undefined;
  const names = list(resourceNames);
  if (names.length > 0 && !has(names, nameOf(attributes))) return undefined;
  if (coversKind(rule, write.resource, write.subresource)) return write.resource;
  return isExact ? undefined : equivalents(attributes).find((other) => coversKind(rule, other, write.subresource));
}

function coversKind(rule: Fields, { group, version, plural }: Resource, subresource: string): boolean {
  if (!has(rule['apiGroups'], group) || !has(rule['apiVersions'], version)) return false;
  return list(rule['resources']).some((pattern: unknown) => coversResource(String(pattern), plural, subresource));
}

/** Other versions of the resource, and other groups that show the same objects. */
function equivalents({ write }: Attributes): Resource[] {
  const { api, resource } = write;
  return api.catalog.all().filter((other) => other.bucket === resource.bucket && other !== resource);
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*` with a subresource. */
function coversResource(pattern: string, wanted: string, wantedSubresource: string): boolean {
  const [plural, subresource = ''] = pattern.split('/');
  return (plural === '*' || plural === wanted) && (subresource === '*' || subresource === wantedSubresource);
}

/** Cluster-wide objects other than namespaces are in none, and every selector lets them through. */
function isInNamespace(selector: Fields | undefined, attributes: Attributes): boolean {
  if (!selector || Object.keys(selector).length === 0) return true;
  const namespace = namespaceOf(attributes);
  return namespace === undefined || labelSelectorFromObject(selector).matches(namespace.metadata.labels);
}

function hasLabels(selector: Fields | undefined, { object, oldObject }: Attributes): boolean {
  if (!selector || Object.keys(selector).length === 0) return true;
  const wanted = labelSelectorFromObject(selector);
  return [object, oldObject].some((item: KubeObject | undefined) => item && wanted.matches(item.metadata.labels));
}
