import { causeChain } from '@flux/errors';

/** Messages of an error and its causes in one line, as Go prints wrapped errors. */
export function describeFailure(error: unknown): string {
  return causeChain(error).join(': ');
}
