/**
 * HTTP as a client: requests with limits, proxies and TLS settings whose errors read as Go's, and the download of artifacts.
 * Start with `http-client.ts`; `downloadArchive` is what consumers of artifacts use.
 */
export { basicAuthorization } from './basic-authorization.ts';
export {
  ArchiveNotFoundError,
  type ArchiveReference,
  DownloadError,
  type DownloadOptions,
  downloadArchive,
} from './download-archive.ts';
export {
  createHttpClient,
  type FetchOptions,
  type HttpClient,
  type HttpClientOptions,
  type HttpResponse,
  type ProxyOptions,
  type TlsOptions,
} from './http-client.ts';
export { HttpError, type HttpFailure } from './http-error.ts';
export { localhostOverride, overrideHost } from './localhost-override.ts';
export { describeNetworkError } from './network-error.ts';
export { proxyFromEnvironment } from './proxy-environment.ts';
export { type Attempt, type RetryOptions, type RetryPolicy, withRetries } from './retry.ts';
