import { type FieldError, invalidField } from '../status.ts';

/** The number of a port. */
export function portProblems(port: unknown, path: string): FieldError[] {
  if (typeof port === 'number' && port >= 1 && port <= 65535) return [];
  return [invalidField(path, port, 'must be between 1 and 65535, inclusive')];
}

/** What is wrong with the name of a port (IANA service names). */
export function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) {
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  }
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(name)) problems.push('must not begin or end with a hyphen');
  return problems;
}
