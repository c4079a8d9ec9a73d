import { join } from 'node:path';
import { type CommitRequest, commitFiles, createBareRepository } from '@flux/git';

export type CommitOptions = Partial<Omit<CommitRequest, 'files' | 'author' | 'date'>>;

/**
 * Bare repositories below a folder with commits that are the same on every run: author Golden, the nth commit at minute n of
 * 2026, default message `commit <n>`. The recorded scenarios were made so.
 */
export class TestRepositories {
  readonly root: string;
  #commits = 0;

  constructor(root: string) {
    this.root = root;
  }

  /** Folder of a repository; names may hold slashes and leave out `.git`. */
  pathOf(name: string): string {
    return join(this.root, fileNameOf(name));
  }

  create(name: string): Promise<void> {
    return createBareRepository(this.pathOf(name));
  }

  /** Commits on top of a branch, default `main`; the repository is made when it is missing. Returns the commit id. */
  async commit(name: string, files: CommitRequest['files'], options: CommitOptions = {}): Promise<string> {
    await this.create(name);
    const minute = ++this.#commits;
    return commitFiles(this.pathOf(name), {
      from: 'main',
      message: `commit ${minute}`,
      author: { name: 'Golden', email: 'golden@example.com' },
      date: new Date(Date.UTC(2026, 0, 1, 0, minute)),
      files,
      ...options,
    });
  }
}

export function fileNameOf(name: string): string {
  return name.endsWith('.git') ? name : `${name}.git`;
}
