import { type Fields, list } from '../strategies/fields.ts';

export function isEstablishedStatus(status: Fields | undefined): boolean {
  return list(status?.['conditions']).some(({ type, status: value }) => type === 'Established' && value === 'True');
}
