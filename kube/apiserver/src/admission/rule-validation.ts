import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { oneOfIfGiven } from '../strategies/one-of.ts';

/** What is wrong with a rule that says which changes are covered. */
export function ruleErrors({ operations, apiGroups, apiVersions, resources, scope }: Fields, at: string): FieldError[] {
  return [
    ...listErrors(operations, `${at}.operations`, 'operations'),
    ...list(operations).flatMap((operation: unknown, index) =>
      oneOfIfGiven(`${at}.operations[${index}]`, operation, ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']),
    ),
    ...listErrors(apiGroups, `${at}.apiGroups`, 'API groups'),
    ...listErrors(apiVersions, `${at}.apiVersions`, 'API versions'),
    ...emptyErrors(apiVersions, `${at}.apiVersions`),
    ...resourceErrors(list(resources).map(String), `${at}.resources`),
    ...oneOfIfGiven(`${at}.scope`, scope, ['*', 'Cluster', 'Namespaced']),
  ];
}

function listErrors(values: unknown, field: string, others: string): FieldError[] {
  const items = list(values) as unknown[];
  if (items.length === 0) return [requiredField(field)];
  if (items.length === 1 || !items.includes('*')) return [];
  return [invalidField(field, values, `if '*' is present, must not specify other ${others}`)];
}

function emptyErrors(values: unknown, field: string): FieldError[] {
  return list(values).flatMap((value: unknown, index) => (value === '' ? [requiredField(`${field}[${index}]`)] : []));
}

/** A wildcard makes others that come after it superfluous, which is an error. */
function resourceErrors(resources: readonly string[], field: string): FieldError[] {
  if (resources.length === 0) return [requiredField(field)];
  const errors: FieldError[] = [];
  const parts = resources.map((text) => text.split('/', 2) as [string, string?]);
  for (const [index, [resource, subresource]] of parts.entries()) {
    const at = `${field}[${index}]`;
    const text = resources[index]!;
    if (text === '') errors.push(requiredField(at));
    if (subresource === undefined) continue;
    const before = resources.slice(0, index);
    const wider = [`${resource}/*`, `*/${subresource}`, '*/*'].find(
      (other) => other !== text && before.includes(other),
    );
    if (wider) errors.push(invalidField(at, text, `if '${wider}' is present, must not specify ${text}`));
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalidField(field, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && parts.some(([resource, sub]) => resource !== '*' && sub === undefined)) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(invalidField(field, resources, why));
  }
  return errors;
}
