import { FluxError } from '@flux/errors';

/** No backup could be made, or a file is not one that can be restored. */
export class BackupError extends FluxError {
  override readonly code = 'BACKUP';
}
