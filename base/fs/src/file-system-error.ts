import { FluxError, messageOf } from '@flux/errors';

export type FileSystemErrorCode = 'ENOENT' | 'EISDIR' | 'ENOTDIR' | 'ESCAPE' | 'ELOOP' | 'EIO';

const reasons: Readonly<Record<FileSystemErrorCode, string>> = {
  ENOENT: 'no such file or directory',
  EISDIR: 'is a directory',
  ENOTDIR: 'not a directory',
  ESCAPE: 'outside of the root',
  ELOOP: 'too many levels of symbolic links',
  EIO: 'input/output error',
};

/** What a caller did when it failed; the words are those of Go's `os.PathError`. */
export type FileSystemOperation = 'read' | 'open' | 'write' | 'remove' | 'lstat' | 'abs' | 'mkdir';

/** A path could not be used. The message reads as Go's `os.PathError`: `open /x: no such file or directory`. */
export class FileSystemError extends FluxError {
  override readonly code: FileSystemErrorCode;
  readonly operation: FileSystemOperation;
  readonly path: string;
  /** Go's words for the failure: the part of the message after the path. */
  readonly reason: string;

  constructor(
    code: FileSystemErrorCode,
    operation: FileSystemOperation,
    path: string,
    options: { reason?: string; cause?: unknown } = {},
  ) {
    const reason = options.reason ?? reasons[code];
    const prefix = code === 'ESCAPE' ? 'fs-security-constraint ' : '';
    super(`${prefix}${operation} ${path}: ${reason}`, { cause: options.cause });
    this.code = code;
    this.operation = operation;
    this.path = path;
    this.reason = reason;
  }
}

/** The error of a path that leaves its root, in the words of Flux's confining file system (KUS-BUILD-01). */
export function escapeError(operation: FileSystemOperation, path: string, root: string): FileSystemError {
  return new FileSystemError('ESCAPE', operation, path, { reason: `path '${path}' is not in or below '${root}'` });
}

/** Maps an error of `node:fs` to ours. */
export function fromNodeError(error: unknown, operation: FileSystemOperation, path: string): FileSystemError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ELOOP') {
    return new FileSystemError(code, operation === 'read' ? 'open' : operation, path, { cause: error });
  }
  const reason = messageOf(error);
  return new FileSystemError('EIO', operation, path, { reason, cause: error });
}
