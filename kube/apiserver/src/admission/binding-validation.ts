import { invalidAt, pathSegmentProblems, subdomainProblems } from '../registry/names.ts';
import { duplicateField, type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { oneOf, oneOfIfGiven } from '../strategies/one-of.ts';
import { validateSelector } from '../strategies/selector-validation.ts';

/** What is wrong with the binding of a policy; only those that validate name what is done about a violation. */
export function validateBinding(spec: Fields, isValidating: boolean): FieldError[] {
  const { policyName, paramRef, matchResources, validationActions } = spec;
  return [
    ...(policyName
      ? invalidAt('spec.policyName', policyName, subdomainProblems(policyName))
      : [requiredField('spec.policyName')]),
    ...(paramRef ? validateParameters(paramRef, 'spec.paramRef') : []),
    ...oneOfIfGiven('spec.matchResources.matchPolicy', matchResources?.matchPolicy, ['Equivalent', 'Exact']),
    ...(isValidating ? validateActions(list(validationActions) as unknown as string[], 'spec.validationActions') : []),
  ];
}

function validateParameters({ name, selector, parameterNotFoundAction: action }: Fields, path: string): FieldError[] {
  const errors = name ? invalidAt(`${path}.name`, name, pathSegmentProblems(name)) : [];
  if (selector) errors.push(...validateSelector(selector, `${path}.selector`));
  if (name && selector) {
    const why = 'name and selector are mutually exclusive';
    errors.push(forbiddenField(`${path}.name`, why), forbiddenField(`${path}.selector`, why));
  }
  if (!name && !selector) errors.push(requiredField(path, 'one of name or selector must be specified'));
  const at = `${path}.parameterNotFoundAction`;
  return [...errors, ...(action ? oneOf(at, action, ['Deny', 'Allow']) : [requiredField(at)])];
}

function validateActions(actions: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, action] of actions.entries()) {
    errors.push(...oneOf(`${path}[${index}]`, action, ['Audit', 'Deny', 'Warn']));
    if (actions.indexOf(action) < index) errors.push(duplicateField(`${path}[${index}]`, action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalidField(path, actions, why));
  }
  if (actions.length === 0) errors.push(requiredField(path, 'at least one validation action is required'));
  return errors;
}
