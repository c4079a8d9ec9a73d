import { FluxError } from '@flux/errors';

/** Text that is no Go duration, quantity or time; the message is the one Go prints. */
export class GoTypeError extends FluxError {
  override readonly code: string = 'GOTYPE';
}
