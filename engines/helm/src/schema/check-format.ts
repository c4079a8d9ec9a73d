import { messageOf } from '@flux/errors';

/** What is wrong with a text, or nothing. */
export type CheckFormat = (text: string) => string | undefined;

/** What work says is wrong by throwing. */
export function problemOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
