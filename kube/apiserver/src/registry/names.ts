import { type FieldError, invalidField } from '../status.ts';

export {
  label1035Problems,
  labelProblems,
  labelValueProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from '@flux/gotypes';

export function pathSegmentProblems(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`];
  return ['/', '%'].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

export function invalidAt(field: string, value: string, problems: readonly string[]): FieldError[] {
  return problems.map((problem) => invalidField(field, value, problem));
}
