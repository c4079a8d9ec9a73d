import { isTrue } from '../strategies/fields.ts';

export function isEstablishedStatus(status: { conditions?: unknown } | undefined): boolean {
  return isTrue(status, 'Established');
}

export function isAcceptedStatus(status: { conditions?: unknown } | undefined): boolean {
  return isTrue(status, 'NamesAccepted');
}
