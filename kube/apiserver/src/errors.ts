import { FluxError } from '@flux/errors';

/** The data directory cannot be used; the message names it and the reason. */
export class DataDirectoryError extends FluxError {
  override readonly code = 'DATA_DIRECTORY';
}

/** The server could not listen on its address. */
export class ListenError extends FluxError {
  override readonly code = 'LISTEN';
}

/** A change could not be made durable; nothing of it is on disk. */
export class StorageWriteError extends FluxError {
  override readonly code = 'STORAGE_WRITE';
}
