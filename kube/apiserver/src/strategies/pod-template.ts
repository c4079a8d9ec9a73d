import { validateLabels } from '../registry/metadata.ts';
import { type FieldError, invalidField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';
import { validatePodSpec } from './pod-validation.ts';
import { validateSelector } from './selector-validation.ts';

/** Does a metav1.LabelSelector select these labels? */
export function selectorMatches(selector: Fields | undefined, labels: Record<string, string>): boolean {
  if (!selector) return false;
  for (const [key, value] of Object.entries(selector['matchLabels'] ?? {})) if (labels[key] !== value) return false;
  return list(selector['matchExpressions']).every((expression) => matchesExpression(expression, labels) ?? false);
}

/** Whether labels fulfil one of `matchExpressions`; undefined for operators that label selectors do not have. */
export function matchesExpression(
  { key, operator, values = [] }: Fields,
  labels: Record<string, string>,
): boolean | undefined {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return undefined;
  }
}

/** The text form of a label selector, as `kubectl get -o wide` and Scale show it. */
export function formatSelector(selector: Fields | undefined): string {
  if (!selector) return '<none>';
  const parts: string[] = [];
  for (const [key, value] of Object.entries(selector['matchLabels'] ?? {}).sort()) parts.push(`${key}=${value}`);
  for (const { key, operator, values = [] } of list(selector['matchExpressions'])) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator === 'In' ? 'in' : 'notin'} (${[...values].sort().join(',')})`);
  }
  return parts.sort().join(',');
}

export function isEmptySelector(selector: Fields | undefined): boolean {
  return !Object.keys(selector?.['matchLabels'] ?? {}).length && !list(selector?.['matchExpressions']).length;
}

/** Template of a controller: its labels must be selected, its pods must restart. */
export function validateTemplate(spec: Fields, path: string): FieldError[] {
  const template = spec['template'] ?? {};
  const labels = template.metadata?.labels;
  const errors: FieldError[] = [];
  // An empty selector matches everything; that it is not allowed is said elsewhere.
  const isEmpty = spec['selector'] && isEmptySelector(spec['selector']);
  const isBroken = validateSelector(spec['selector'], '').length > 0;
  if (!isEmpty && !isBroken && !selectorMatches(spec['selector'], labels ?? {})) {
    errors.push(invalidField(`${path}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`'));
  }
  errors.push(...validateLabels(labels, `${path}.metadata.labels`));
  errors.push(...validatePodSpec(template.spec ?? {}, `${path}.spec`));
  return [...errors, ...oneOf(`${path}.spec.restartPolicy`, template.spec?.restartPolicy, ['Always'])];
}
