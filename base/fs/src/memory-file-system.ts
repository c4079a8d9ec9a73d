import { posix } from 'node:path';
import type { WritableFileSystem } from './file-system.ts';
import { FileSystemError, type FileSystemErrorCode, type FileSystemOperation } from './file-system-error.ts';
import { sortNames } from './names.ts';

type Directory = Map<string, Directory | Uint8Array>;

/** A file system that lives in memory. The keys of `files` are absolute paths; their directories are made. */
export function memoryFileSystem(files: Readonly<Record<string, string | Uint8Array>> = {}): WritableFileSystem {
  const fileSystem = new MemoryFileSystem();
  for (const [path, data] of Object.entries(files)) fileSystem.writeFile(path, data);
  return fileSystem;
}

class MemoryFileSystem implements WritableFileSystem {
  readonly #root: Directory = new Map();

  readFile(path: string): Uint8Array {
    const node = this.#get('open', path);
    if (node instanceof Map) throw new FileSystemError('EISDIR', 'read', path);
    return node;
  }

  readText(path: string): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.readFile(path));
  }

  readDirectory(path: string): string[] {
    const node = this.#get('open', path);
    if (!(node instanceof Map)) throw new FileSystemError('ENOTDIR', 'open', path);
    return sortNames([...node.keys()]);
  }

  isFile(path: string): boolean {
    return this.#find(path) instanceof Uint8Array;
  }

  isDirectory(path: string): boolean {
    return this.#find(path) instanceof Map;
  }

  realPath(path: string): string {
    this.#get('lstat', path);
    return posix.resolve('/', path);
  }

  writeFile(path: string, data: string | Uint8Array): void {
    const parts = componentsOf(path);
    const name = parts.pop();
    if (name === undefined) throw new FileSystemError('EISDIR', 'write', path);
    let directory = this.#root;
    for (const part of parts) {
      const next = directory.get(part) ?? new Map();
      if (!(next instanceof Map)) throw new FileSystemError('ENOTDIR', 'write', path);
      directory.set(part, next);
      directory = next;
    }
    if (directory.get(name) instanceof Map) throw new FileSystemError('EISDIR', 'write', path);
    directory.set(name, typeof data === 'string' ? new TextEncoder().encode(data) : data);
  }

  remove(path: string): void {
    const parent = this.#find(posix.dirname(posix.resolve('/', path)));
    if (parent instanceof Map) parent.delete(posix.basename(path));
  }

  #get(operation: FileSystemOperation, path: string): Directory | Uint8Array {
    const node = this.#walk(path);
    if (typeof node === 'string') throw new FileSystemError(node, operation, path);
    return node;
  }

  #find(path: string): Directory | Uint8Array | undefined {
    const node = this.#walk(path);
    return typeof node === 'string' ? undefined : node;
  }

  #walk(path: string): Directory | Uint8Array | FileSystemErrorCode {
    let node: Directory | Uint8Array = this.#root;
    for (const part of componentsOf(path)) {
      if (!(node instanceof Map)) return 'ENOTDIR';
      const next = node.get(part);
      if (next === undefined) return 'ENOENT';
      node = next;
    }
    return node;
  }
}

function componentsOf(path: string): string[] {
  return posix
    .resolve('/', path)
    .split('/')
    .filter((part) => part !== '');
}
