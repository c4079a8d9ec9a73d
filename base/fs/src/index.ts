/**
 * Files: rooted, in-memory and overlay file systems for engines, paths that cannot leave their root, temporary directories,
 * reproducible tarballs and `.sourceignore` rules. Start with `file-system.ts`, the interface that engines read.
 */
export type { ReadableFileSystem, WritableFileSystem } from './file-system.ts';
export { FileSystemError, type FileSystemErrorCode, type FileSystemOperation } from './file-system-error.ts';
export { followLinks, secureJoin } from './follow-links.ts';
export { memoryFileSystem } from './memory-file-system.ts';
export { overlayFileSystem } from './overlay-file-system.ts';
export { rootedFileSystem } from './rooted-file-system.ts';
export { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
