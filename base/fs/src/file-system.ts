/**
 * What an engine may read: slash-separated absolute paths below one root. Synchronous on purpose: builds are CPU-bound and
 * run in workers. Implementations confine every path to their root after resolving symlinks and throw `FileSystemError`
 * with `code` `ENOENT`, `EISDIR`, `ENOTDIR` or `ESCAPE`.
 */
export interface ReadableFileSystem {
  readFile(path: string): Uint8Array;
  readText(path: string): string;
  /** Names in lexical (byte) order. */
  readDirectory(path: string): string[];
  isFile(path: string): boolean;
  isDirectory(path: string): boolean;
  /** The path after resolving symlinks, still inside the root. */
  realPath(path: string): string;
}

export interface WritableFileSystem extends ReadableFileSystem {
  /** Creates missing parent directories. */
  writeFile(path: string, data: string | Uint8Array): void;
  remove(path: string): void;
}
