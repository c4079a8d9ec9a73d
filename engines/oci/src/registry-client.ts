import { digest as computeDigest, digestsEqual, parseDigest } from '@flux/crypto';
import { createHttpClient, type HttpClient, type ProxyOptions, type RetryPolicy, type TlsOptions } from '@flux/http';
import type { Credentials } from './credentials.ts';
import {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  mediaTypeOf,
  parseImageIndex,
  parseImageManifest,
} from './manifest.ts';
import { mediaTypes } from './media-types.ts';
import { IntegrityError, OciError } from './oci-error.ts';
import { identifierOf, isDigest, type Reference } from './reference.ts';
import { RegistryError } from './registry-error.ts';
import { type RegistryRequest, RegistryTransport } from './registry-transport.ts';
import { nextPage, readTagPage } from './tag-pages.ts';
import { uploadBlob } from './upload-blob.ts';
import { verifyStream } from './verify-stream.ts';

export interface RegistryOptions {
  credentials?: Credentials;
  tls?: TlsOptions;
  proxy?: ProxyOptions;
  /** Where proxy settings come from when `proxy` is not given; the process's own by default. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Speak http instead of https. */
  insecure?: boolean;
  /** Ends every request. */
  signal?: AbortSignal;
  /** Limit of each exchange, the body included. */
  timeoutMs?: number;
  /** Default: 3 retries, 200 ms doubling to 3 s. */
  retry?: RetryPolicy;
  userAgent?: string;
}

/** A manifest or index as the registry gave it; `bytes` have the digest of `descriptor`. */
export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface PullOptions {
  /** Refuses content whose descriptor says that it is larger, before anything is asked for. */
  maxBytes?: number;
  signal?: AbortSignal;
}

interface RequestSignal {
  signal?: AbortSignal;
}

type Repository = Pick<Reference, 'repository'>;

const maxManifestBytes = 4 * 1024 * 1024;
/** Stops a registry that pages for ever. */
const maxTagPages = 10_000;
const manifestTypes = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerIndex,
].join(', ');

/** One registry, over one set of credentials and TLS settings. Made with `connectRegistry`; dispose it after use. */
export class RegistryClient implements AsyncDisposable {
  readonly #http: HttpClient;
  readonly #transport: RegistryTransport;
  /** `https://host/v2/` */
  readonly #base: string;

  constructor(host: string, options: RegistryOptions) {
    const { credentials, insecure, proxy, environment, tls, userAgent = 'flux/v2' } = options;
    this.#base = `${insecure ? 'http' : 'https'}://${host}/v2/`;
    this.#http = createHttpClient({
      ...(proxy ? { proxy } : {}),
      ...(environment ? { environment } : {}),
      ...(tls ? { tls } : {}),
    });
    this.#transport = new RegistryTransport({
      http: this.#http,
      userAgent,
      retry: options.retry ?? { retries: 3, minMs: 200, maxMs: 3_000 },
      ...(credentials ? { credentials } : {}),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  }

  /** All tags of a repository, in the registry's order. */
  async tags({ repository }: Repository, options: RequestSignal = {}): Promise<string[]> {
    const tags: string[] = [];
    let url: string | undefined = this.#url(repository, 'tags/list');
    for (let page = 0; url !== undefined; page++) {
      if (page >= maxTagPages) throw new OciError(`the registry lists the tags of ${repository} without end`);
      const response = await this.#transport.send(url, {
        headers: { accept: 'application/json' },
        maxBytes: maxManifestBytes,
        ...pull(repository),
        ...options,
      });
      tags.push(...(await readTagPage(response)));
      url = nextPage(response, url);
    }
    return tags;
  }

  /** What a tag or digest stands for, without fetching it where the registry answers HEAD (SRC-OCI-08). */
  async resolve(reference: Reference, options: RequestSignal = {}): Promise<Descriptor> {
    const url = this.#url(reference.repository, `manifests/${identifierOf(reference)}`);
    const request: RegistryRequest = { method: 'HEAD', ...pull(reference.repository, manifestTypes), ...options };
    try {
      const { headers, discard } = await this.#transport.send(url, request);
      await discard();
      const digest = headers['docker-content-digest'] ?? reference.digest ?? '';
      const size = Number(headers['content-length'] ?? '');
      const mediaType = headers['content-type'] ?? '';
      const isAsAsked = reference.digest === undefined || digestsEqual(reference.digest, digest);
      if (isDigest(digest) && isAsAsked && size > 0 && mediaType !== '') return { mediaType, digest, size };
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
    }
    return (await this.manifest(reference, options)).descriptor;
  }

  /** The manifest or index that a tag or digest stands for, checked against the digest. */
  async manifest(reference: Reference, options: RequestSignal = {}): Promise<Manifest> {
    const url = this.#url(reference.repository, `manifests/${identifierOf(reference)}`);
    const response = await this.#transport.send(url, {
      maxBytes: maxManifestBytes,
      ...pull(reference.repository, manifestTypes),
      ...options,
    });
    const bytes = Buffer.concat(await Array.fromAsync(response.body));
    const expected = reference.digest ?? response.headers['docker-content-digest'];
    const algorithm = expected !== undefined && isDigest(expected) ? parseDigest(expected).algorithm : 'sha256';
    const digest = await computeDigest(algorithm, bytes);
    if (expected !== undefined && !digestsEqual(digest, expected)) {
      throw new IntegrityError(`the manifest has the digest ${digest} instead of ${expected}`);
    }
    const mediaType = mediaTypeOf(bytes, (response.headers['content-type'] ?? '').split(';')[0]!.trim());
    return { descriptor: { mediaType, digest, size: bytes.length }, bytes };
  }

  /**
   * What refers to the manifest of a digest, such as signatures; in registries that do not list it, what the tag of the
   * digest holds.
   */
  async referrers(
    { registry, repository, digest }: Reference & { digest: string },
    options: RequestSignal = {},
  ): Promise<readonly Descriptor[]> {
    const response = await this.#transport.send(this.#url(repository, `referrers/${digest}`), {
      maxBytes: maxManifestBytes,
      ...pull(repository, mediaTypes.ociIndex),
      accept: [200, 404],
      ...options,
    });
    const bytes = Buffer.concat(await Array.fromAsync(response.body));
    if (response.status === 200) return parseImageIndex(bytes).manifests;
    const tagged = await this.find({ registry, repository, tag: digest.replace(':', '-') }, options);
    return tagged && isIndexType(tagged.descriptor.mediaType) ? parseImageIndex(tagged.bytes).manifests : [];
  }

  /** As `manifest`; undefined where there is none. */
  async find(reference: Reference, options: RequestSignal = {}): Promise<Manifest | undefined> {
    try {
      return await this.manifest(reference, options);
    } catch (error) {
      if (error instanceof RegistryError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** As `manifest`, but of an index the manifest that is chosen from it; the choice is told the digest of the index. */
  async chosenImage(
    reference: Reference,
    choose: (index: ImageIndex, digest: string) => Descriptor,
    options: RequestSignal = {},
  ): Promise<Manifest & { image: ImageManifest }> {
    const found = await this.manifest(reference, options);
    if (!isIndexType(found.descriptor.mediaType)) return { ...found, image: parseImageManifest(found.bytes) };
    const { digest } = choose(parseImageIndex(found.bytes), found.descriptor.digest);
    const { registry, repository } = reference;
    const chosen = await this.manifest({ registry, repository, digest }, options);
    return { ...chosen, image: parseImageManifest(chosen.bytes) };
  }

  /** The content of a blob, piece by piece; it ends with an error if it is not what the descriptor says. */
  async pullBlob(
    { repository }: Repository,
    descriptor: Descriptor,
    options: PullOptions = {},
  ): Promise<AsyncIterable<Uint8Array>> {
    const { maxBytes = Number.POSITIVE_INFINITY, signal } = options;
    const { digest, size } = descriptor;
    if (size > maxBytes)
      throw new OciError(`blob ${digest} of ${size} bytes is larger than the limit of ${maxBytes} bytes`);
    const response = await this.#transport.send(this.#url(repository, `blobs/${digest}`), {
      ...pull(repository),
      ...(signal ? { signal } : {}),
    });
    return verifyStream(response.body, descriptor);
  }

  /** As `pullBlob`, in memory. */
  async pullBytes(repository: Repository, descriptor: Descriptor, options: PullOptions = {}): Promise<Uint8Array> {
    return Buffer.concat(await Array.fromAsync(await this.pullBlob(repository, descriptor, options)));
  }

  /** Stores a blob unless the registry has it. */
  async pushBlob(
    { repository }: Repository,
    bytes: Uint8Array,
    mediaType: string,
    options: RequestSignal = {},
  ): Promise<Descriptor> {
    const digest = await computeDigest('sha256', bytes);
    const descriptor = { mediaType, digest, size: bytes.length };
    const scope = pushScope(repository);
    const known = await this.#transport.send(this.#url(repository, `blobs/${digest}`), {
      method: 'HEAD',
      scope,
      accept: [200, 404],
      ...options,
    });
    await known.discard();
    if (known.status === 200) return descriptor;
    await uploadBlob(
      this.#transport,
      { uploads: this.#url(repository, 'blobs/uploads/'), digest, scope },
      bytes,
      options,
    );
    return descriptor;
  }

  /** Stores a manifest under the reference's tag, or under its digest where there is no tag. */
  async pushManifest(
    { repository, tag }: Pick<Reference, 'repository' | 'tag'>,
    manifest: object | Uint8Array,
    mediaType: string,
    options: RequestSignal = {},
  ): Promise<Descriptor> {
    const bytes = manifest instanceof Uint8Array ? manifest : Buffer.from(JSON.stringify(manifest));
    const digest = await computeDigest('sha256', bytes);
    const response = await this.#transport.send(this.#url(repository, `manifests/${tag ?? digest}`), {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: bytes,
      scope: pushScope(repository),
      accept: [200, 201, 202],
      ...options,
    });
    await response.discard();
    return { mediaType, digest, size: bytes.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]();
  }

  #url(repository: string, rest: string): string {
    return `${this.#base}${repository}/${rest}`;
  }
}

/** Opens nothing yet; the first request does. `host` is `Reference.registry`. */
export function connectRegistry(host: string, options: RegistryOptions = {}): RegistryClient {
  return new RegistryClient(host, options);
}

function pull(repository: string, accept?: string): RegistryRequest {
  const scope = `repository:${repository}:pull`;
  return { scope, accept: [200], ...(accept ? { headers: { accept } } : {}) };
}

function pushScope(repository: string): string {
  return `repository:${repository}:pull,push`;
}
