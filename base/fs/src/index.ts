/**
 * Files: rooted, in-memory and overlay file systems for engines, paths that cannot leave their root, temporary directories,
 * reproducible tarballs and `.sourceignore` rules. Start with `file-system.ts`, the interface that engines read.
 */
export { ArchiveError, type ArchiveLimits } from './archive-entries.ts';
export { type ExtractOptions, extractArchive } from './extract-archive.ts';
export type { ReadableFileSystem, WritableFileSystem } from './file-system.ts';
export { FileSystemError, type FileSystemErrorCode, type FileSystemOperation } from './file-system-error.ts';
export { followLinks, secureJoin } from './follow-links.ts';
export { compileGlob, type Glob } from './glob.ts';
export { type IgnorePattern, parseIgnorePatterns } from './ignore-pattern.ts';
export { type IgnoreRules, ignoreRules, sourceIgnoreRules } from './ignore-rules.ts';
export { memoryFileSystem } from './memory-file-system.ts';
export { overlayFileSystem } from './overlay-file-system.ts';
export {
  type PackDigest,
  type Packed,
  type PackedFile,
  type PackOptions,
  packDirectory,
  packFiles,
  packToBytes,
} from './pack-directory.ts';
export { readArchive } from './read-archive.ts';
export { rootedFileSystem } from './rooted-file-system.ts';
export { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';
