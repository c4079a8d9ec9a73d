import { STATUS_CODES } from 'node:http';
import { FluxError, redact } from '@flux/errors';
import { basicAuthorization, createHttpClient, type HttpClient, HttpError, type HttpResponse } from '@flux/http';
import type { HelmAccess } from './helm-access.ts';
import type { BasicAuth } from './secret-content.ts';

/** A file of a repository cannot be had; the words are those of Helm's getter. */
export class DownloadError extends FluxError {
  override readonly code = 'HELM_DOWNLOAD';
}

/** What a header may make us reserve before the bytes are there. */
const maxAheadBytes = 16 * 1024 * 1024;

interface DownloadOptions {
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

/** The connection settings of a repository over HTTP. Dispose the client after use. */
export function openClient({ tls }: HelmAccess): HttpClient {
  return createHttpClient(tls ? { tls } : {});
}

/**
 * Asks for a file of a repository; 200 and, where the request was conditional, 304 are answers. Credentials are for the
 * repository's own host unless the repository passes them on (SRC-HREPO-06).
 */
export async function request(
  client: HttpClient,
  access: HelmAccess,
  url: string,
  options: DownloadOptions = {},
): Promise<HttpResponse> {
  const { basic, passesCredentials, timeoutMs, rewriteUrl = (text: string) => text } = access;
  const isTrusted = passesCredentials || isSameHost(access.url, url);
  const login = basic?.username && basic.password && isTrusted ? basic : loginOf(url);
  const response = await client.stream(rewriteUrl(url), {
    timeoutMs,
    headers: {
      'user-agent': 'source-controller',
      ...(login ? { authorization: basicAuthorization(login) } : {}),
      ...options.headers,
    },
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (response.status === 200 || (response.status === 304 && options.headers)) return response;
  await response.discard();
  const { status, statusText } = response;
  throw new DownloadError(
    `failed to fetch ${redact(url)} : ${status} ${statusText || STATUS_CODES[status] || ''}`.trimEnd(),
  );
}

/** User and password that stand in the address itself, as Go sends them. */
function loginOf(url: string): BasicAuth | undefined {
  const { username = '', password = '' } = URL.parse(url) ?? {};
  return username === ''
    ? undefined
    : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function isSameHost(left: string, right: string): boolean {
  const [a, b] = [URL.parse(left), URL.parse(right)];
  return a !== null && b !== null && a.protocol === b.protocol && a.host === b.host;
}

/** Passes a body on up to a limit; `tooLarge` says what happens beyond it. */
async function* limitBytes(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLarge: () => Error,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    yield chunk;
  }
}

/** An index as it comes, up to `--helm-index-max-size` (SRC-HREPO-07). */
export function limitIndex(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new DownloadError(`index exceeds the maximum index file size of ${maxBytes} bytes`);
  return limitBytes(body, maxBytes, tooLarge);
}

/** A chart archive in memory. */
export async function downloadArchive(
  client: HttpClient,
  access: HelmAccess,
  url: string,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Uint8Array> {
  const response = await request(client, access, url, { signal });
  const tooLarge = () => new HttpError('tooLarge', `size of chart '${url}' exceeds '${maxBytes}' bytes limit`);
  return collectBytes(limitBytes(response.body, maxBytes, tooLarge), Number(response.headers['content-length']));
}

/** In one buffer from the start where the size is known, so that a large file is not in memory twice. */
async function collectBytes(chunks: AsyncIterable<Uint8Array>, expected: number): Promise<Uint8Array> {
  let bytes = Buffer.alloc(0);
  let size = 0;
  for await (const chunk of chunks) {
    if (size + chunk.length > bytes.length) {
      const known = expected >= size + chunk.length ? Math.min(expected, maxAheadBytes) : 0;
      const larger = Buffer.allocUnsafeSlow(Math.max(known, 2 * bytes.length, size + chunk.length));
      larger.set(bytes.subarray(0, size));
      bytes = larger;
    }
    bytes.set(chunk, size);
    size += chunk.length;
  }
  return bytes.subarray(0, size);
}
