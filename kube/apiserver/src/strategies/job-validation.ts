import { invalidAt, qualifiedNameProblems } from '../registry/names.ts';
import { duplicateField, type FieldError, GoStructValue, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOf, oneOfIfGiven } from './one-of.ts';
import { nonNegative } from './workload-validation.ts';

const requiresIndexes = 'requires indexed completion mode';

/** What a Job says of failures, successes and who looks after it. */
export function validateJobPolicies(spec: Fields, path: string): FieldError[] {
  return [
    ...validateIndexes(spec, path),
    ...validateReplacement(spec, path),
    ...list(spec['podFailurePolicy']?.rules).flatMap((rule, index) =>
      validateFailureRule(rule, `${path}.podFailurePolicy.rules[${index}]`),
    ),
    ...managerProblems(spec['managedBy'], `${path}.managedBy`),
  ];
}

function validateIndexes(spec: Fields, path: string): FieldError[] {
  const names = ['backoffLimitPerIndex', 'maxFailedIndexes'];
  const errors = nonNegative(spec, path, names);
  if (spec['completionMode'] !== 'Indexed') {
    for (const name of names) {
      if (spec[name] !== undefined) errors.push(invalidField(`${path}.${name}`, spec[name], requiresIndexes));
    }
    if (spec['successPolicy']) {
      const shown = new GoStructValue({ Rules: spec['successPolicy'].rules ?? null });
      errors.push(invalidField(`${path}.successPolicy`, shown, requiresIndexes));
    }
  }
  if (spec['completionMode'] === 'Indexed' && spec['maxFailedIndexes'] > spec['completions']) {
    const why = 'must be less than or equal to completions';
    errors.push(invalidField(`${path}.maxFailedIndexes`, spec['maxFailedIndexes'], why));
  }
  if (spec['maxFailedIndexes'] !== undefined && spec['backoffLimitPerIndex'] === undefined) {
    errors.push(requiredField(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  return errors;
}

function validateReplacement({ podReplacementPolicy, podFailurePolicy }: Fields, path: string): FieldError[] {
  const known = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return oneOfIfGiven(`${path}.podReplacementPolicy`, podReplacementPolicy, known);
}

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function validateFailureRule({ action, onExitCodes, onPodConditions }: Fields, path: string): FieldError[] {
  const conditions = list(onPodConditions);
  const errors = oneOf(`${path}.action`, action, actions);
  if (onExitCodes) errors.push(...validateExitCodes(onExitCodes, `${path}.onExitCodes`));
  for (const [index, { type = '', status }] of conditions.entries()) {
    const at = `${path}.onPodConditions[${index}]`;
    errors.push(...invalidAt(`${at}.type`, type, qualifiedNameProblems(type)));
    errors.push(...oneOf(`${at}.status`, status, ['False', 'True', 'Unknown']));
  }
  if (onExitCodes && conditions.length > 0) {
    errors.push(invalidField(path, '', 'specifying both OnExitCodes and OnPodConditions is not supported'));
  }
  if (!onExitCodes && conditions.length === 0) {
    errors.push(invalidField(path, '', 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
  return errors;
}

function validateExitCodes({ operator, values }: Fields, path: string): FieldError[] {
  const codes = list(values) as unknown as number[];
  const errors = oneOf(`${path}.operator`, operator, ['In', 'NotIn']);
  if (codes.length === 0) errors.push(invalidField(`${path}.values`, codes, 'at least one value is required'));
  for (const [index, code] of codes.entries()) {
    const at = `${path}.values[${index}]`;
    if (codes.indexOf(code) < index) errors.push(duplicateField(at, code));
    if (operator === 'In' && code === 0) errors.push(invalidField(at, code, 'must not be 0 for the In operator'));
  }
  return errors;
}

function managerProblems(manager: string | undefined, path: string): FieldError[] {
  if (manager === undefined || /^[^/]+\/.+$/.test(manager)) return [];
  return [invalidField(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')];
}
