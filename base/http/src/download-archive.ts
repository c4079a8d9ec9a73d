import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDigest, DigestError, digestsEqual, parseDigest } from '@flux/crypto';
import { FluxError, messageOf } from '@flux/errors';
import { type ExtractOptions, extractArchive, temporaryDirectory } from '@flux/fs';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { HttpError } from './http-error.ts';
import { overrideHost } from './localhost-override.ts';
import { type RetryPolicy, withRetries } from './retry.ts';

/** What a consumer needs to know of an artifact. */
export interface ArchiveReference {
  url: string;
  /** `algorithm:hex`; bare hex is SHA-256. */
  digest?: string;
}

export interface DownloadOptions {
  client: HttpClient;
  /** Default: 9 retries, 5 s doubling to 30 s (KUS-SRC-05). */
  retry?: RetryPolicy;
  /** Replaces host and port of the URL: `SOURCE_CONTROLLER_LOCALHOST` (KUS-SRC-08). */
  localhostOverride?: string;
  /** Limit of the download; unlimited by default. */
  maxDownloadBytes?: number;
  /** Default: symlinks are skipped, unlimited size, as the digest was verified before. */
  extract?: Omit<ExtractOptions, 'signal'>;
  signal?: AbortSignal;
}

/** The server answered 404: the artifact is gone or not there yet. */
export class ArchiveNotFoundError extends FluxError {
  override readonly code = 'ARCHIVE_NOT_FOUND';
}

/** An artifact could not be downloaded, verified or extracted; the message is the one of Flux (SRC-FETCH). */
export class DownloadError extends FluxError {
  override readonly code = 'DOWNLOAD';
}

const defaultRetry: RetryPolicy = { retries: 9, minMs: 5_000, maxMs: 30_000 };

/** Downloads an artifact, verifies its digest over the whole file, then extracts it into `directory` (KUS-SRC-05..08). */
export async function downloadArchive(
  reference: ArchiveReference,
  directory: string,
  options: DownloadOptions,
): Promise<void> {
  const url = overrideHost(reference.url, options.localhostOverride);
  await using work = await temporaryDirectory('fetch');
  const file = join(work.path, 'archive');
  const response = await request(url, options);
  const digest = await save(response, file, reference.digest, options);
  if (!digest.matches) {
    throw new DownloadError(
      `failed to verify archive: computed digest doesn't match provided '${reference.digest}' (check whether file size exceeds max download size)`,
    );
  }
  try {
    const { signal, extract = { symlinks: 'skip', maxBytes: Number.POSITIVE_INFINITY } } = options;
    await extractArchive(createReadStream(file), directory, { ...extract, ...(signal ? { signal } : {}) });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new DownloadError(`failed to extract archive: ${messageOf(error)}`, { cause: error });
  }
}

async function request(url: string, options: DownloadOptions): Promise<HttpResponse> {
  const { client, signal, retry = defaultRetry } = options;
  const signalOption = signal ? { signal } : {};
  const outcome = await withRetries(() => attempt(client, url, signalOption), { ...retry, ...signalOption });
  if ('value' in outcome) return acceptStatus(outcome.value, url);
  const reason = outcome.retry === undefined ? '' : `: ${messageOf(outcome.retry)}`;
  throw new DownloadError(
    `failed to download archive: GET ${url} giving up after ${retry.retries + 1} attempt(s)${reason}`,
    { cause: outcome.retry },
  );
}

async function attempt(client: HttpClient, url: string, options: { signal?: AbortSignal }) {
  try {
    const response = await client.stream(url, options);
    if (response.status !== 429 && (response.status < 500 || response.status === 501)) return { value: response };
    await response.discard();
    const seconds = Number(response.headers['retry-after']);
    return { retry: undefined, ...(seconds > 0 ? { afterMs: seconds * 1000 } : {}) };
  } catch (error) {
    if (error instanceof HttpError && error.failure === 'connection') return { retry: error };
    if (error instanceof HttpError)
      throw new DownloadError(`failed to download archive: ${error.message}`, { cause: error });
    throw error;
  }
}

async function acceptStatus(response: HttpResponse, url: string): Promise<HttpResponse> {
  if (response.status === 200) return response;
  await response.discard();
  if (response.status === 404) throw new ArchiveNotFoundError('file not found');
  throw new DownloadError(`failed to download archive from ${url} (status: ${response.status} ${response.statusText})`);
}

async function save(response: HttpResponse, file: string, expected: string | undefined, options: DownloadOptions) {
  const { algorithm, hex } = await readDigest(expected, response);
  const digest = await createDigest(algorithm);
  const { maxDownloadBytes: limit = Number.POSITIVE_INFINITY, signal } = options;
  let size = 0;
  async function* metered() {
    for await (const chunk of response.body) {
      size += chunk.length;
      if (size > limit) throw new DownloadError(`artifact is greater than the max download size of ${limit} bytes`);
      digest.update(chunk);
      yield chunk;
    }
  }
  try {
    await pipeline(Readable.from(metered()), createWriteStream(file, { mode: 0o600 }), signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof DownloadError
      ? error
      : new DownloadError(`failed to copy temp contents: ${messageOf(error)}`, { cause: error });
  }
  return { matches: digestsEqual(digest.digest(), `${algorithm}:${hex}`) };
}

async function readDigest(text: string | undefined, response: HttpResponse) {
  try {
    if (!text) throw new DigestError('empty digest');
    return parseDigest(text);
  } catch (error) {
    await response.discard();
    if (!(error instanceof DigestError)) throw error;
    throw new DownloadError(`failed to verify archive: ${error.message}`, { cause: error });
  }
}
