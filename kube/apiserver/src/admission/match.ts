import { type KubeObject, labelSelectorFromObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';
import { type Attributes, nameOf, namespaceOf } from './attributes.ts';

/** Whether `matchConstraints` of a policy or `matchResources` of its binding cover a change; an absent one covers all. */
export function matchesResources(match: Fields | undefined, attributes: Attributes): boolean {
  if (!match) return true;
  const rules = list(match['resourceRules']);
  const isEquivalent = match['matchPolicy'] !== 'Exact';
  const covers = (rule: Fields) => coversRule(rule, attributes, isEquivalent);
  if (list(match['excludeResourceRules']).some(covers)) return false;
  if (rules.length > 0 && !rules.some(covers)) return false;
  return isInNamespace(match['namespaceSelector'], attributes) && hasLabels(match['objectSelector'], attributes);
}

function has(values: unknown, wanted: string): boolean {
  return list(values).some((value: unknown) => value === '*' || value === wanted);
}

function coversRule(rule: Fields, attributes: Attributes, isEquivalent: boolean): boolean {
  const { operation, write } = attributes;
  const { resource } = write;
  const { operations, apiGroups, apiVersions, scope = '*', resourceNames } = rule;
  if (!has(operations, operation) || !has(apiGroups, resource.group)) return false;
  if (!isEquivalent && !has(apiVersions, resource.version)) return false;
  if (scope !== '*' && (scope === 'Namespaced') !== resource.namespaced) return false;
  const names = list(resourceNames);
  if (names.length > 0 && !has(names, nameOf(attributes))) return false;
  return list(rule['resources']).some((pattern: unknown) => coversResource(String(pattern), attributes));
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*` with a subresource. */
function coversResource(pattern: string, { write }: Attributes): boolean {
  const [plural, subresource = ''] = pattern.split('/');
  if (plural !== '*' && plural !== write.resource.plural) return false;
  return subresource === '*' || subresource === write.subresource;
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
