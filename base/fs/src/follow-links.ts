import { lstatSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { FileSystemError } from './file-system-error.ts';

const maxLinks = 255;

interface FollowOptions {
  /** `..` and absolute link targets stay below this directory instead of leaving it. */
  clampTo?: string;
}

/** Resolves the symlinks of an absolute path as far as it exists; the missing rest stays as written. */
export function followLinks(path: string): string {
  return follow(resolve(path), {});
}

/**
 * Joins as if `root` were the root of the file system: `..` and absolute paths, also those in symlinks, are clamped to it.
 * The result is never outside of `root` at the time of the call (SRC-ART-11, KUS-SRC-09).
 */
export function secureJoin(root: string, path: string): string {
  return follow(path, { clampTo: resolve(root) });
}

function follow(path: string, { clampTo }: FollowOptions): string {
  const base = clampTo ?? resolve('/');
  const pending = components(path);
  let current: string[] = [];
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === '..') {
      current.pop();
      continue;
    }
    const target = linkTarget(join(base, ...current, part));
    if (target === undefined) {
      current.push(part);
      continue;
    }
    if (++links > maxLinks) throw new FileSystemError('ELOOP', 'lstat', path);
    if (isAbsolute(target)) current = [];
    pending.unshift(...components(target));
  }
  return join(base, ...current);
}

function components(path: string): string[] {
  return path.split(sep === '\\' ? /[\\/]/ : '/').filter((part) => part !== '' && part !== '.');
}

function linkTarget(path: string): string | undefined {
  const isLink = lstatSync(path, { throwIfNoEntry: false, bigint: false })?.isSymbolicLink() ?? false;
  return isLink ? readlinkSync(path) : undefined;
}
