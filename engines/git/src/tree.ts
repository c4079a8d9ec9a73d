import { GitError } from './git-error.ts';

/** One entry of a tree object. */
interface TreeItem {
  /** `100644`, `100755`, `120000` (symlink), `160000` (submodule), `40000` (tree). */
  mode: string;
  name: string;
  id: string;
}

/** Parses a tree object. Names that would lead elsewhere are refused, as git refuses to check them out. */
export function parseTree(content: Buffer): TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > content.length) throw new GitError('invalid', 'malformed tree');
    const name = content.toString('utf8', space + 1, end);
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.toLowerCase() === '.git') {
      throw new GitError('invalid', `invalid path '${name}' in a tree`);
    }
    items.push({ mode: content.toString('latin1', at, space), name, id: content.toString('hex', end + 1, end + 21) });
    at = end + 21;
  }
  return items;
}
