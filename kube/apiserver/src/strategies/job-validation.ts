import { type FieldError, GoStructValue, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOfIfGiven } from './one-of.ts';
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
  if (spec['maxFailedIndexes'] !== undefined && spec['backoffLimitPerIndex'] === undefined) {
    errors.push(requiredField(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  return errors;
}

function validateReplacement({ podReplacementPolicy, podFailurePolicy }: Fields, path: string): FieldError[] {
  const known = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return oneOfIfGiven(`${path}.podReplacementPolicy`, podReplacementPolicy, known);
}

function validateFailureRule({ onExitCodes }: Fields, path: string): FieldError[] {
  if (onExitCodes?.operator !== 'In') return [];
  return (list(onExitCodes.values) as unknown as number[]).flatMap((code, index) =>
    code === 0 ? [invalidField(`${path}.onExitCodes.values[${index}]`, code, 'must not be 0 for the In operator')] : [],
  );
}

function managerProblems(manager: string | undefined, path: string): FieldError[] {
  if (manager === undefined || /^[^/]+\/.+$/.test(manager)) return [];
  return [invalidField(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")')];
}
