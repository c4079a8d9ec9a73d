import { compileGlob } from '@flux/fs';

/** Go's `filepath.Match`: component by component. Undefined for a pattern that is none. */
export function pathGlob(pattern: string): ((path: string) => boolean) | undefined {
  const globs = pattern.split('/').map(compileGlob);
  if (globs.includes(undefined)) return undefined;
  return (path) => {
    const parts = path.split('/');
    return parts.length === globs.length && globs.every((glob, index) => glob?.(parts[index] ?? ''));
  };
}
