import { posix } from 'node:path';
import { fn, type GoFunction } from '@flux/gotemplate';

/** Go's path.Clean: shortest form, no slash at the end. */
function clean(path: string): string {
  if (path === '') return '.';
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function base(path: string): string {
  if (path === '') return '.';
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

const dir = (path: string) => clean(path.slice(0, path.lastIndexOf('/') + 1));
const ext = (path: string) => /\.[^./]*$/.exec(path)?.[0] ?? '';
const isAbsolute = (path: string) => path.startsWith('/');

/** Path functions; those of the operating system are Unix's everywhere, so that charts render the same. */
export const pathFunctions: Readonly<Record<string, GoFunction>> = {
  base: fn('string', base),
  dir: fn('string', dir),
  clean: fn('string', clean),
  ext: fn('string', ext),
  isAbs: fn('string', isAbsolute),
  osBase: fn('string', base),
  osDir: fn('string', dir),
  osClean: fn('string', clean),
  osExt: fn('string', ext),
  osIsAbs: fn('string', isAbsolute),
};
