import { FluxError } from '@flux/errors';

/** What the user typed cannot be run. */
export class UsageError extends FluxError {
  override readonly code = 'USAGE';
}

/** A command failed and says with which exit code; 1 is shown as a warning by commands that report findings. */
export class ExitError extends FluxError {
  override readonly code = 'EXIT';
  readonly exitCode: number;
  readonly symbol: 'failure' | 'warning';

  constructor(message: string, exitCode: number, symbol: 'failure' | 'warning' = 'failure') {
    super(message);
    this.exitCode = exitCode;
    this.symbol = symbol;
  }
}
