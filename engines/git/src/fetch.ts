import type { Endpoint } from './credentials.ts';
import { GitError } from './git-error.ts';
import { errorText, runGit } from './run-git.ts';
import { sshFailure } from './ssh-error.ts';

interface FetchRequest {
  gitDir: string;
  endpoint: Endpoint;
  /** Full names or object ids; each is stored under the same name, ids under `refs/fetched/`. */
  wants: readonly string[];
  /** Unset fetches the whole history. */
  depth?: number;
  environment: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** Brings references with their objects into a repository. */
export async function fetchObjects(request: FetchRequest): Promise<void> {
  const { gitDir, endpoint, wants, depth, environment, signal } = request;
  const args = [
    `--git-dir=${gitDir}`,
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-recurse-submodules',
    '--force',
    '--update-head-ok',
  ];
  if (depth !== undefined) args.push(`--depth=${depth}`);
  const { exitCode, stderr } = await runGit([...args, '--', endpoint.url.href, ...wants.map(refspec)], {
    environment,
    ...(signal ? { signal } : {}),
  });
  if (exitCode !== 0) throw fetchFailure(stderr, exitCode, endpoint);
}

function refspec(want: string): string {
  return `+${want}:${storedName(want)}`;
}

/** Under which name a wanted reference or object id lies in the repository. */
export function storedName(want: string): string {
  return want.includes('/') ? want : `refs/fetched/${want}`;
}

function fetchFailure(stderr: string, exitCode: number, endpoint: Endpoint): GitError {
  const missing = /couldn't find remote ref (\S+)/.exec(stderr)?.[1];
  if (missing) return new GitError('refNotFound', `couldn't find remote ref "${missing}"`);
  if (endpoint.isSsh) return sshFailure(stderr, exitCode, endpoint.url);
  if (/Authentication failed|could not read (Username|Password)|error: 401/.test(stderr)) {
    return new GitError('authentication', 'authentication required');
  }
  if (/repository .* not found|error: 404/.test(stderr))
    return new GitError('repositoryNotFound', 'repository not found');
  return new GitError('process', errorText(stderr, exitCode));
}
