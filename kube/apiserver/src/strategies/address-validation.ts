import { isIP } from 'node:net';
import { type FieldError, invalidField } from '../status.ts';

/** What is no IP address. */
export function addressProblems(address: string, path: string): FieldError[] {
  if (isIP(address) !== 0) return [];
  return [invalidField(path, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}
