import { posix } from 'node:path';
import type { ReadableFileSystem, WritableFileSystem } from './file-system.ts';
import { FileSystemError } from './file-system-error.ts';
import { memoryFileSystem } from './memory-file-system.ts';
import { sortNames } from './names.ts';

/** Reads through to `base`; writes and removals stay in memory, so `base` is never changed. */
export function overlayFileSystem(base: ReadableFileSystem): WritableFileSystem {
  return new OverlayFileSystem(base);
}

class OverlayFileSystem implements WritableFileSystem {
  readonly #base: ReadableFileSystem;
  readonly #upper = memoryFileSystem();
  readonly #removed = new Set<string>();

  constructor(base: ReadableFileSystem) {
    this.#base = base;
  }

  readFile(path: string): Uint8Array {
    return this.#source(path).readFile(path);
  }

  readText(path: string): string {
    return this.#source(path).readText(path);
  }

  readDirectory(path: string): string[] {
    const real = this.#canonical(path);
    const inUpper = this.#upper.isDirectory(real);
    if (this.#isRemoved(real) || (inUpper && !this.#base.isDirectory(real))) return this.#upper.readDirectory(real);
    const below = this.#base.readDirectory(path).filter((name) => !this.#removed.has(posix.join(real, name)));
    return inUpper ? sortNames([...new Set([...below, ...this.#upper.readDirectory(real)])]) : below;
  }

  isFile(path: string): boolean {
    const real = this.#find(path);
    return real !== undefined && (this.#upper.isFile(real) || (!this.#isRemoved(real) && this.#base.isFile(path)));
  }

  isDirectory(path: string): boolean {
    const real = this.#find(path);
    if (real === undefined) return false;
    return this.#upper.isDirectory(real) || (!this.#isRemoved(real) && this.#base.isDirectory(path));
  }

  realPath(path: string): string {
    const real = this.#canonical(path);
    if (this.#upper.isFile(real) || this.#upper.isDirectory(real)) return real;
    if (this.#isRemoved(real)) throw new FileSystemError('ENOENT', 'lstat', path);
    return this.#base.realPath(path);
  }

  writeFile(path: string, data: string | Uint8Array): void {
    const real = this.#canonical(path);
    if (!this.#isRemoved(real) && this.#base.isDirectory(real)) throw new FileSystemError('EISDIR', 'write', path);
    this.#upper.writeFile(real, data);
  }

  remove(path: string): void {
    const real = this.#canonical(path);
    this.#upper.remove(real);
    this.#removed.add(real);
  }

  #source(path: string): Pick<ReadableFileSystem, 'readFile' | 'readText'> {
    const real = this.#canonical(path);
    if (!this.#upper.isFile(real) && !this.#isRemoved(real)) return this.#base;
    return { readFile: () => this.#upper.readFile(real), readText: () => this.#upper.readText(real) };
  }

  /** Where a path leads in `base`: symlinks of the part that exists there are resolved, so one file has one name here. */
  #canonical(path: string): string {
    let existing = posix.resolve('/', path);
    const missing: string[] = [];
    while (existing !== '/' && !this.#base.isFile(existing) && !this.#base.isDirectory(existing)) {
      missing.unshift(posix.basename(existing));
      existing = posix.dirname(existing);
    }
    // Nothing of the path exists in a base that does not hold `/`: it is outside, and the base says so.
    if (existing === '/' && !this.#base.isDirectory('/')) return this.#base.realPath(path);
    return posix.join(this.#base.realPath(existing), ...missing);
  }

  #find(path: string): string | undefined {
    try {
      return this.#canonical(path);
    } catch {
      return undefined;
    }
  }

  #isRemoved(real: string): boolean {
    if (this.#removed.size === 0) return false;
    for (let path = real; ; path = posix.dirname(path)) {
      if (this.#removed.has(path)) return true;
      if (path === '/') return false;
    }
  }
}
