import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystemError, fromNodeError } from './file-system-error.ts';
import { type IgnorePattern, parseIgnorePatterns } from './ignore-pattern.ts';
import { sortNames } from './names.ts';
import { rootedFileSystem } from './rooted-file-system.ts';

/** Tells whether a path (slash-separated, relative to the root) is left out of an artifact. */
export type IgnoreRules = (path: string, isDirectory: boolean) => boolean;

const ignoreFile = '.sourceignore';

/** SRC-IGN-01. */
const vcsPatterns = '.git/\n.gitignore\n.gitmodules\n.gitattributes\n';
const defaultPatterns = `${vcsPatterns}*.jpg
*.jpeg
*.gif
*.png
*.wmv
*.flv
*.tar.gz
*.zip
.github/
.circleci/
.travis.yml
.gitlab-ci.yml
appveyor.yml
.drone.yml
cloudbuild.yaml
codeship-services.yml
codeship-steps.yml
**/.goreleaser.yml
**/.sops.yaml
**/.flux.yaml
`;

/**
 * The rules for a source tree: its `.sourceignore` files, then `spec.ignore`, the last match wins. The built-in exclusions
 * of images, archives and CI files hold only as long as there is not a single pattern of either kind (SRC-IGN-02, -03).
 */
export function sourceIgnoreRules(root: string, specIgnore?: string): IgnoreRules {
  const patterns = [...collect(root, root, []), ...parseIgnorePatterns(specIgnore ?? '')];
  return ignoreRules(patterns);
}

/** The rules of collected patterns, on top of the built-in ones that apply beside them. */
export function ignoreRules(patterns: readonly IgnorePattern[]): IgnoreRules {
  const builtIn = parseIgnorePatterns(patterns.length === 0 ? defaultPatterns : vcsPatterns);
  const strongestFirst = [...builtIn, ...patterns].reverse();
  return (path, isDirectory) => {
    const components = path.split('/');
    for (const pattern of strongestFirst) {
      const verdict = pattern.match(components, isDirectory);
      if (verdict !== undefined) return verdict === 'exclude';
    }
    return false;
  };
}

/** The directory itself before its subdirectories, those in name order; symlinked directories are not entered. */
function collect(root: string, directory: string, domain: readonly string[]): IgnorePattern[] {
  const entries = listEntries(directory);
  const own = entries.some((entry) => entry.name === ignoreFile)
    ? parseIgnorePatterns(readIgnoreFile(root, join(directory, ignoreFile)), domain)
    : [];
  const below = entries
    .filter((entry) => entry.isDirectory() && entry.name !== '.git')
    .flatMap((entry) => collect(root, join(directory, entry.name), [...domain, entry.name]));
  return [...own, ...below];
}

function listEntries(directory: string) {
  try {
    const entries = new Map(readdirSync(directory, { withFileTypes: true }).map((entry) => [entry.name, entry]));
    return sortNames([...entries.keys()]).map((name) => entries.get(name)!);
  } catch (error) {
    throw fromNodeError(error, 'open', directory);
  }
}

/** Follows symlinks inside of the tree only; one that leads nowhere says nothing. */
function readIgnoreFile(root: string, path: string): string {
  try {
    return rootedFileSystem(root).readText(path);
  } catch (error) {
    if (error instanceof FileSystemError && error.code === 'ENOENT') return '';
    throw error;
  }
}
