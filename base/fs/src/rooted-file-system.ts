import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import type { WritableFileSystem } from './file-system.ts';
import { escapeError, type FileSystemError, type FileSystemOperation, fromNodeError } from './file-system-error.ts';
import { followLinks } from './follow-links.ts';
import { sortNames } from './names.ts';

/**
 * The part of the disk below `root`. Paths are real absolute paths (relative ones count from `root`); a path that leads
 * outside after symlink resolution throws `ESCAPE`, and does not exist for `isFile` and `isDirectory` (KUS-BUILD-01).
 */
export function rootedFileSystem(root: string): WritableFileSystem & { readonly root: string } {
  return new RootedFileSystem(root);
}

/** An absolute path without empty parts, `.` and `..`: most are, and telling is faster than resolving. */
const isResolved = /^(?:\/(?!\.{0,2}(?:\/|$))[^/]+)+$/;

class RootedFileSystem implements WritableFileSystem {
  readonly root: string;

  constructor(root: string) {
    try {
      this.root = realpathSync(root);
    } catch (error) {
      throw fromNodeError(error, 'lstat', root);
    }
  }

  readFile(path: string): Uint8Array {
    return this.#within('read', path, (real) => readFileSync(real));
  }

  readText(path: string): string {
    return this.#within('read', path, (real) => readFileSync(real, 'utf8'));
  }

  readDirectory(path: string): string[] {
    return this.#within('open', path, (real) => sortNames(readdirSync(real)));
  }

  isFile(path: string): boolean {
    return this.#stat(path)?.isFile() ?? false;
  }

  isDirectory(path: string): boolean {
    return this.#stat(path)?.isDirectory() ?? false;
  }

  realPath(path: string): string {
    return this.#within('lstat', path, (real) => realpathSync.native(real));
  }

  writeFile(path: string, data: string | Uint8Array): void {
    this.#within('write', path, (real) => {
      mkdirSync(dirname(real), { recursive: true });
      writeFileSync(real, data);
    });
  }

  remove(path: string): void {
    const real = this.#confine('remove', dirname(this.#absolute(path)));
    const name = this.#absolute(path).slice(dirname(this.#absolute(path)).length);
    rmSync(resolve(real, name.replace(/^[\\/]/, '')), { recursive: true, force: true });
  }

  #absolute(path: string): string {
    return isResolved.test(path) && sep === '/' ? path : resolve(this.root, path);
  }

  #confine(operation: FileSystemOperation, path: string): string {
    const absolute = this.#absolute(path);
    if (this.root === sep) return absolute; // nothing lies outside
    const real = realPathOf(absolute) ?? followLinks(absolute);
    if (real !== this.root && !real.startsWith(this.root + sep)) {
      throw escapeError(operation, path, this.root);
    }
    return real;
  }

  #within<R>(operation: FileSystemOperation, path: string, action: (real: string) => R): R {
    const real = this.#confine(operation, path);
    try {
      return action(real);
    } catch (error) {
      throw fromNodeError(error, operation, path) satisfies FileSystemError;
    }
  }

  #stat(path: string) {
    try {
      return statSync(this.#confine('lstat', path), { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }
}

/** Where an existing path leads, in one call; of any other path `followLinks` tells how far it leads. */
function realPathOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}
