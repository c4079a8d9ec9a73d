import { GitError, type GitFailure } from './git-error.ts';
import { errorText } from './run-git.ts';

/** What OpenSSH and git print, with the words of Go's ssh package for it; the first that matches counts. */
const known: readonly (readonly [RegExp, GitFailure, (url: URL) => string])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, 'authentication', () => 'ssh: handshake failed: knownhosts: key mismatch'],
  [
    /Host key verification failed|No .* host key is known/,
    'authentication',
    () => 'ssh: handshake failed: knownhosts: key is unknown',
  ],
  [
    /Permission denied \(|Too many authentication failures/,
    'authentication',
    () =>
      'ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain',
  ],
  [/Connection refused/, 'connection', (url) => `dial tcp ${hostAndPort(url)}: connect: connection refused`],
  [/Could not resolve hostname/, 'connection', (url) => `dial tcp: lookup ${url.hostname}: no such host`],
  [
    /does not appear to be a git repository|[Rr]epository not found|No such file or directory/,
    'repositoryNotFound',
    () => 'repository not found',
  ],
];

/** The failure of a git command that ran over ssh. */
export function sshFailure(stderr: string, exitCode: number, url: URL): GitError {
  const match = known.find(([pattern]) => pattern.test(stderr));
  if (match) return new GitError(match[1], match[2](url), { cause: new Error(stderr.trim()) });
  return new GitError('process', errorText(stderr, exitCode));
}

function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || '22'}`;
}
