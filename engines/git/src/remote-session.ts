import { createHttpClient, type HttpClient, HttpError, type HttpResponse } from '@flux/http';
import { authorization, type Endpoint } from './credentials.ts';
import { GitError } from './git-error.ts';
import { parseAdvertisement, type RemoteRefs } from './remote-refs.ts';

const maxAdvertisementBytes = 64 * 1024 * 1024;
const maxErrorBodyBytes = 1024;

/** A conversation with a server over smart HTTP, on kept connections. */
export interface RemoteSession extends AsyncDisposable {
  readonly client: HttpClient;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly remote: RemoteRefs;
  readonly capabilities: ReadonlySet<string>;
}

/** Asks for the references; the answer's end of redirects is where the session goes on. */
export async function openSession(endpoint: Endpoint, signal?: AbortSignal): Promise<RemoteSession> {
  const { credentials, proxy, url } = endpoint;
  const client = createHttpClient({
    ...(credentials.tls ? { tls: credentials.tls } : {}),
    ...(proxy ? { proxy } : {}),
  });
  const header = authorization(credentials);
  const headers = { 'user-agent': 'git/2.0 (flux)', ...(header ? { authorization: header } : {}) };
  const baseUrl = url.href.replace(/\/+$/, '');
  try {
    const answer = await requestRefs(client, baseUrl, headers, signal);
    return { client, ...answer, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    throw error instanceof HttpError ? new GitError('connection', error.message, { cause: error }) : error;
  }
}

const service = '/info/refs?service=git-upload-pack';

async function requestRefs(client: HttpClient, baseUrl: string, headers: Record<string, string>, signal?: AbortSignal) {
  const target = baseUrl + service;
  const response = await client.stream(target, {
    headers: { ...headers, accept: '*/*' },
    maxBytes: maxAdvertisementBytes,
    ...(signal ? { signal } : {}),
  });
  if (response.status !== 200) throw await statusError(response, target);
  const remote = parseAdvertisement(await readSmartBody(response));
  const isElsewhere = new URL(response.url).origin !== new URL(baseUrl).origin;
  const { authorization: _, ...open } = headers;
  return {
    remote,
    capabilities: remote.capabilities,
    baseUrl: response.url.endsWith(service) ? response.url.slice(0, -service.length) : baseUrl,
    headers: isElsewhere ? open : headers, // credentials stay with the origin that they were given for
  };
}

async function readSmartBody(response: HttpResponse): Promise<Buffer> {
  const type = response.headers['content-type'] ?? '';
  if (!type.startsWith('application/x-git-upload-pack-advertisement')) {
    await response.discard();
    throw new GitError('invalid', `invalid content type "${type}": the server does not speak the smart Git protocol`);
  }
  return Buffer.concat(await Array.fromAsync(response.body));
}

/** The body is kept with its newline, and a blank stays when it is empty, as in go-git (SRC-GIT-33). */
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
