import { validateLabels } from '../registry/metadata.ts';
import { invalidAt, labelValueProblems, qualifiedNameProblems } from '../registry/names.ts';
import { type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';

/** A selector of labels: operators, and values where they are needed. */
export function validateSelector(selector: Fields | undefined, path: string): FieldError[] {
  const errors = validateLabels(selector?.['matchLabels'], `${path}.matchLabels`);
  for (const [index, { key = '', operator, values }] of list(selector?.['matchExpressions']).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    const hasValues = list(values).length > 0;
    if (['In', 'NotIn'].includes(operator) && !hasValues) {
      errors.push(requiredField(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (['Exists', 'DoesNotExist'].includes(operator) && hasValues) {
      errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator)) {
      errors.push(invalidField(`${at}.operator`, operator, 'not a valid selector operator'));
    }
    errors.push(...invalidAt(`${at}.key`, key, qualifiedNameProblems(key)));
    for (const [position, value] of (list(values) as unknown as string[]).entries()) {
      errors.push(...invalidAt(`${at}.values[${position}]`, value, labelValueProblems(value)));
    }
  }
  return errors;
}
