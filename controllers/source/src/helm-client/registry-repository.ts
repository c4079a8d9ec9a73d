import { posix } from 'node:path';
import { messageOf } from '@flux/errors';
import { selectTag } from '@flux/helm';
import {
  type CosignKey,
  connectRegistry,
  parseChartReference,
  pullChart,
  type RegistryClient,
  tagToVersion,
  verifyCosign,
} from '@flux/oci';
import { parseStrictVersion } from '@flux/semver';
import type { ChartRepository, OfferedChart } from './chart-repository.ts';
import { DownloadError } from './download.ts';
import type { HelmAccess } from './helm-access.ts';

interface RegistryRepositoryOptions {
  access: HelmAccess;
  maxChartBytes: number;
  signal: AbortSignal;
}

/** Charts below a path of an OCI registry (SRC-HCHART-10). */
export class RegistryRepository implements ChartRepository {
  readonly #options: RegistryRepositoryOptions;
  #client: RegistryClient | undefined;
  /** Digests of manifests that were verified, by URL. */
  readonly #verified = new Map<string, string>();

  constructor(options: RegistryRepositoryOptions) {
    this.#options = options;
  }

  /** A full version is taken at its word: the tags are not listed for it. */
  async find(name: string, version: string): Promise<OfferedChart> {
    const place = `oci://${posix.join(this.#options.access.url.slice('oci://'.length), name)}`;
    const chosen = isFullVersion(version) ? version : selectTag(await this.#versions(name, place), version);
    return { name, version: chosen, url: `${place}:${chosen}` };
  }

  /** The tag is looked up once, for it may come to stand for something else. */
  async verify({ url }: OfferedChart, keys: readonly CosignKey[]): Promise<void> {
    const { signal } = this.#options;
    const reference = parseChartReference(url);
    const client = this.#connect(reference.registry);
    const { digest } = await client.resolve(reference, { signal });
    await verifyCosign(client, { ...reference, digest }, keys, { signal });
    this.#verified.set(url, digest);
  }

  async download({ url }: OfferedChart): Promise<Uint8Array> {
    const { maxChartBytes: maxBytes, signal } = this.#options;
    try {
      const digest = this.#verified.get(url);
      const reference = { ...parseChartReference(url), ...(digest ? { digest } : {}) };
      return (await pullChart(this.#connect(reference.registry), reference, { maxBytes, signal })).data;
    } catch (error) {
      signal.throwIfAborted();
      throw new DownloadError(`failed to get '${url}': ${messageOf(error)}`, { cause: error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
  }

  /** Tags that are versions, as Helm's registry client lists them. */
  async #versions(name: string, place: string): Promise<string[]> {
    const { signal } = this.#options;
    let tags: string[];
    try {
      const reference = parseChartReference(place);
      tags = await this.#connect(reference.registry).tags(reference, { signal });
    } catch (error) {
      signal.throwIfAborted();
      const text = `could not get tags for "${name}": could not fetch tags for "${place}": ${messageOf(error)}`;
      throw new DownloadError(text, { cause: error });
    }
    const versions = tags.map(tagToVersion).filter(isStrictVersion);
    if (versions.length > 0) return versions;
    const problem = `unable to locate any tags in provided repository: ${place}`;
    throw new DownloadError(`could not get tags for "${name}": ${problem}`);
  }

  #connect(host: string): RegistryClient {
    const { access, signal } = this.#options;
    this.#client ??= connectRegistry(host, {
      signal,
      timeoutMs: access.timeoutMs,
      insecure: access.insecure,
      userAgent: 'source-controller',
      ...(access.tls ? { tls: access.tls } : {}),
      ...(access.credentials ? { credentials: access.credentials } : {}),
    });
    return this.#client;
  }
}

/** Three parts, with or without a `v`. */
function isFullVersion(text: string): boolean {
  return isStrictVersion(text.startsWith('v') ? text.slice(1) : text);
}

function isStrictVersion(text: string): boolean {
  try {
    parseStrictVersion(text);
    return true;
  } catch {
    return false;
  }
}
