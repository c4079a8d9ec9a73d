import { list } from '../strategies/fields.ts';

export function isEstablishedStatus(status: { conditions?: unknown } | undefined): boolean {
  return isTrue(status, 'Established');
}

export function isAcceptedStatus(status: { conditions?: unknown } | undefined): boolean {
  return isTrue(status, 'NamesAccepted');
}

function isTrue(status: { conditions?: unknown } | undefined, condition: string): boolean {
  return list(status?.conditions).some(({ type, status: value }) => type === condition && value === 'True');
}
