import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment } from './environment.ts';
import { GitError } from './git-error.ts';
import { initRepository } from './object-database.ts';
import { isValidRefName } from './ref-name.ts';
import { mustRunGit, runGit } from './run-git.ts';

export interface Identity {
  name: string;
  email: string;
}

export interface CommitRequest {
  /** Default `main`. */
  branch?: string;
  /** Where a new branch starts; without it, and without the branch, the commit has no parent. */
  from?: string;
  message: string;
  author: Identity;
  date: Date;
  /** Content by path; `null` removes the file, a file with `executable` is 0755, `symlink` is one. */
  files: Readonly<Record<string, string | Uint8Array | null | { executable: string } | { symlink: string }>>;
  /** Set on the commit, moved if it is there. */
  tag?: string;
  annotated?: boolean;
}

/** Makes an empty bare repository whose HEAD is `main`; one that is there is left as it is. */
export async function createBareRepository(gitDir: string): Promise<void> {
  const exists = await stat(join(gitDir, 'HEAD')).catch(() => undefined);
  if (exists) return;
  await initRepository(gitDir, { bare: true });
}

/** Commits files on top of a branch of a bare repository, in one process and without a working tree; returns the commit. */
export async function commitFiles(gitDir: string, request: CommitRequest): Promise<string> {
  const branch = `refs/heads/${request.branch ?? 'main'}`;
  const environment = gitEnvironment();
  const parent = await findParent(gitDir, branch, request.from, environment);
  const input = fastImport(request, branch, parent);
  await mustRunGit([`--git-dir=${gitDir}`, 'fast-import', '--quiet', '--force', '--date-format=raw'], {
    environment,
    input,
  });
  const id = await mustRunGit([`--git-dir=${gitDir}`, 'rev-parse', '--verify', `${branch}^{commit}`], { environment });
  return id.toString().trim();
}

async function findParent(
  gitDir: string,
  branch: string,
  from: string | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const names = [branch, ...(from ? [`refs/heads/${from}`, from] : [])];
  for (const name of names) {
    if (name.startsWith('-')) continue;
    const found = await runGit([`--git-dir=${gitDir}`, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`], {
      environment,
    });
    if (found.exitCode === 0) return found.stdout.toString().trim();
  }
  return undefined;
}

function fastImport(request: CommitRequest, branch: string, parent: string | undefined): Buffer {
  const { message, author, date, files, tag, annotated } = request;
  const stamp = `${safe(author.name)} <${safe(author.email)}> ${Math.floor(date.getTime() / 1000)} +0000`;
  const parts: Uint8Array[] = [
    line(`commit ${refName(branch)}`),
    line('mark :1'),
    line(`author ${stamp}`),
    line(`committer ${stamp}`),
    ...data(message),
    ...(parent ? [line(`from ${parent}`)] : []),
  ];
  for (const [path, content] of Object.entries(files)) parts.push(...change(path, content));
  if (tag && annotated) {
    parts.push(
      line(`tag ${refName(`refs/tags/${tag}`).slice('refs/tags/'.length)}`),
      line('from :1'),
      line(`tagger ${stamp}`),
      ...data(message),
    );
  } else if (tag) parts.push(line(`reset ${refName(`refs/tags/${tag}`)}`), line('from :1'));
  return Buffer.concat(parts);
}

function change(path: string, content: CommitRequest['files'][string]): Uint8Array[] {
  const name = quotePath(path);
  if (content === null) return [line(`D ${name}`)];
  if (typeof content === 'string' || content instanceof Uint8Array)
    return [line(`M 100644 inline ${name}`), ...data(content)];
  if ('executable' in content) return [line(`M 100755 inline ${name}`), ...data(content.executable)];
  return [line(`M 120000 inline ${name}`), ...data(content.symlink)];
}

function data(content: string | Uint8Array): Uint8Array[] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return [line(`data ${bytes.length}`), bytes, Buffer.from('\n')];
}

function line(text: string): Uint8Array {
  return Buffer.from(`${text}\n`);
}

function refName(name: string): string {
  if (!isValidRefName(name)) throw new GitError('invalid', `invalid reference name '${name}'`);
  return name;
}

function quotePath(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}

function safe(text: string): string {
  return text.replace(/[<>\n\0]/g, '');
}
