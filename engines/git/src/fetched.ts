import type { PackedObject } from './pack.ts';

/** A file, symlink or submodule of a commit, with its path from the root. */
export interface TreeEntry {
  mode: string;
  id: string;
  path: string;
}

export interface FetchedObject extends PackedObject {
  id: string;
}

/** What was fetched from a remote, in memory or in a repository on disk. */
export interface Fetched extends AsyncDisposable {
  /** By a name that was wanted, or by id; one that is not there is `undefined`. */
  read(name: string): Promise<FetchedObject | undefined>;
  listTree(commit: string): Promise<TreeEntry[]>;
  readFile(commit: string, path: string): Promise<string | undefined>;
  /** Writes the files whose path begins with one of the prefixes; all when there are none (SRC-GIT-32). */
  write(commit: string, directory: string, sparse: readonly string[]): Promise<void>;
}
