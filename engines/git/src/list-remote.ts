import { type Endpoint, type RemoteOptions, resolveEndpoint } from './credentials.ts';
import { prefixed } from './git-error.ts';
import { parseListing, type RemoteRefs } from './remote-refs.ts';
import { openSession } from './remote-session.ts';
import { runGit } from './run-git.ts';
import { sshFailure } from './ssh-error.ts';
import { openTransport } from './transport.ts';

const maxListingBytes = 64 * 1024 * 1024;

/** The references of a remote, as `git ls-remote` shows them. Errors begin with `unable to list remote for '<url>'`. */
export async function listRemote(options: RemoteOptions): Promise<RemoteRefs> {
  const endpoint = resolveEndpoint(options);
  try {
    if (endpoint.isSsh) return await listOverSsh(endpoint, options.signal);
    await using session = await openSession(endpoint, options.signal);
    return session.remote;
  } catch (error) {
    throw prefixed(error, `unable to list remote for '${endpoint.shownUrl}'`);
  }
}

export async function listOverSsh(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<RemoteRefs> {
  await using transport = await openTransport(endpoint);
  const { exitCode, stdout, stderr } = await runGit(['ls-remote', '--symref', '--', endpoint.url.href], {
    environment: transport.environment,
    maxOutputBytes: maxListingBytes,
    ...(signal ? { signal } : {}),
  });
  if (exitCode !== 0) throw sshFailure(stderr, exitCode, endpoint.url);
  return parseListing(stdout.toString());
}
