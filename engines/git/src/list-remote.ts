import { createHttpClient, HttpError, type HttpResponse } from '@flux/http';
import { authorization, type Endpoint, type RemoteOptions, resolveEndpoint } from './credentials.ts';
import { GitError, prefixed } from './git-error.ts';
import { parseAdvertisement, parseListing, type RemoteRefs } from './remote-refs.ts';
import { runGit } from './run-git.ts';
import { sshFailure } from './ssh-error.ts';
import { openTransport } from './transport.ts';

const maxAdvertisementBytes = 64 * 1024 * 1024;
const maxErrorBodyBytes = 1024;

/** The references of a remote, as `git ls-remote` shows them. Errors begin with `unable to list remote for '<url>'`. */
export async function listRemote(options: RemoteOptions): Promise<RemoteRefs> {
  const endpoint = resolveEndpoint(options);
  try {
    return await fetchRefs(endpoint, options.signal);
  } catch (error) {
    throw prefixed(error, `unable to list remote for '${endpoint.shownUrl}'`);
  }
}

/**
 * HTTP is spoken directly: it is faster than a process, and only so the body of a refusal can be shown as Flux shows it
 * (SRC-GIT-33).
 */
export function fetchRefs(endpoint: Endpoint, signal?: AbortSignal): Promise<RemoteRefs> {
  return endpoint.isSsh ? fetchOverSsh(endpoint, signal) : fetchOverHttp(endpoint, signal);
}

async function fetchOverHttp(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<RemoteRefs> {
  const { credentials, proxy, url } = endpoint;
  await using client = createHttpClient({
    ...(credentials.tls ? { tls: credentials.tls } : {}),
    ...(proxy ? { proxy } : {}),
  });
  const header = authorization(credentials);
  const target = `${url.href.replace(/\/+$/, '')}/info/refs?service=git-upload-pack`;
  try {
    const response = await client.stream(target, {
      headers: { 'user-agent': 'git/2.0 (flux)', accept: '*/*', ...(header ? { authorization: header } : {}) },
      maxBytes: maxAdvertisementBytes,
      ...(signal ? { signal } : {}),
    });
    if (response.status !== 200) throw await statusError(response, target);
    return parseAdvertisement(await readSmartBody(response));
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof HttpError ? new GitError('connection', error.message, { cause: error }) : error;
  }
}

async function readSmartBody(response: HttpResponse): Promise<Buffer> {
  const type = response.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-git-upload-pack-advertisement')) {
    await response.discard();
    throw new GitError('invalid', `invalid content type "${type}": the server does not speak the smart Git protocol`);
  }
  return Buffer.concat(await Array.fromAsync(response.body));
}

/** The body is kept with its newline, and a blank stays when it is empty, as in go-git. */
async function statusError(response: HttpResponse, target: string): Promise<GitError> {
  const body = await readStart(response, maxErrorBodyBytes);
  switch (response.status) {
    case 401:
      return new GitError('authentication', `authentication required: ${body}`);
    case 403:
      return new GitError('authentication', `authorization failed: ${body}`);
    case 404:
      return new GitError('repositoryNotFound', `repository not found: ${body}`);
    default:
      return new GitError(
        'connection',
        `unexpected client error: unexpected requesting "${target}" status code: ${response.status}: ${body}`,
      );
  }
}

async function readStart(response: HttpResponse, limit: number): Promise<string> {
  let text = '';
  for await (const chunk of response.body) {
    text += Buffer.from(chunk).toString();
    if (text.length >= limit) break;
  }
  return text.slice(0, limit);
}

async function fetchOverSsh(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<RemoteRefs> {
  await using transport = await openTransport(endpoint);
  const { exitCode, stdout, stderr } = await runGit(['ls-remote', '--symref', '--', endpoint.url.href], {
    environment: transport.environment,
    maxOutputBytes: maxAdvertisementBytes,
    ...(signal ? { signal } : {}),
  });
  if (exitCode !== 0) throw sshFailure(stderr, exitCode, endpoint.url);
  return parseListing(stdout.toString());
}
