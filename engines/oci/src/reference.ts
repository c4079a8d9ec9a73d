import { DigestError, parseDigest } from '@flux/crypto';
import { OciReferenceError } from './oci-error.ts';

/** The name of an artifact: `registry/repository`, and a tag or a digest or both or neither. */
export interface Reference {
  /** Host with port; Docker Hub is `index.docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…` */
  readonly digest?: string;
}

const scheme = 'oci://';
const dockerHub = 'index.docker.io';
const hostPattern = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;
// One name between slashes. The separators cannot be read in two ways, so that no input makes matching slow.
const componentPattern = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;

/**
 * Reads `host/path:tag@digest`, with or without `oci://`. Without it the first part is a host only if it has a dot or a colon,
 * else the name is one of Docker Hub (`podinfo` is `index.docker.io/library/podinfo`). Throws `OciReferenceError`.
 */
export function parseReference(text: string): Reference {
  const hasScheme = text.startsWith(scheme);
  const [named, digest] = cutDigest(hasScheme ? text.slice(scheme.length) : text, text);
  const [path, tag] = cutTag(named);
  const { registry, repository } = splitHost(path, hasScheme);
  const refuse = () => new OciReferenceError(`could not parse reference: ${text.replace(scheme, '')}`);
  if (!hostPattern.test(registry) || !isRepository(repository)) throw refuse();
  if (tag !== undefined && !tagPattern.test(tag)) throw refuse();
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function cutDigest(text: string, whole: string): [string, string | undefined] {
  const at = text.indexOf('@');
  if (at < 0) return [text, undefined];
  const digest = text.slice(at + 1);
  if (!isDigest(digest)) throw new OciReferenceError(`could not parse reference: ${whole.replace(scheme, '')}`);
  return [text.slice(0, at), digest];
}

/** A colon before the last slash belongs to a port. */
function cutTag(text: string): [string, string | undefined] {
  const colon = text.lastIndexOf(':');
  return colon > text.lastIndexOf('/') ? [text.slice(0, colon), text.slice(colon + 1)] : [text, undefined];
}

function splitHost(path: string, hasScheme: boolean): { registry: string; repository: string } {
  const slash = path.indexOf('/');
  const first = slash < 0 ? '' : path.slice(0, slash);
  const hasHost = hasScheme ? slash >= 0 : /[.:]/.test(first);
  const registry = hasHost ? first : hasScheme ? '' : dockerHub;
  const repository = hasHost ? path.slice(slash + 1) : path;
  if (registry !== 'docker.io' && registry !== dockerHub) return { registry, repository };
  return { registry: dockerHub, repository: repository.includes('/') ? repository : `library/${repository}` };
}

function isRepository(repository: string): boolean {
  return repository.length <= 255 && repository.split('/').every((component) => componentPattern.test(component));
}

/** Whether the text is a digest that registries use. */
export function isDigest(text: string): boolean {
  if (!/^sha(?:256|384|512):/.test(text)) return false;
  try {
    parseDigest(text);
    return true;
  } catch (error) {
    if (error instanceof DigestError) return false;
    throw error;
  }
}

/** What stands in a manifest's address: the digest, else the tag, else `latest`. */
export function identifierOf({ tag, digest }: Pick<Reference, 'tag' | 'digest'>): string {
  return digest ?? tag ?? 'latest';
}

/** Tags cannot hold the `+` of a version; Helm writes `_` for it (SRC-HCHART-10). */
function versionToTag(version: string): string {
  return version.replaceAll('+', '_');
}

/** The version that a tag of a chart stands for. */
export function tagToVersion(tag: string): string {
  return tag.replaceAll('_', '+');
}

/** As `parseReference`, for charts: the tag may hold a `+`. */
export function parseChartReference(text: string): Reference {
  const [name = '', digest] = text.split('@', 2);
  const [path, tag] = cutTag(name);
  const tagged = tag === undefined ? path : `${path}:${versionToTag(tag)}`;
  return parseReference(digest === undefined ? tagged : `${tagged}@${digest}`);
}
