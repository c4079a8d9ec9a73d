import { messageOf } from '@flux/errors';
import { mediaTypes } from './media-types.ts';
import { OciError } from './oci-error.ts';
import { isRecord } from './record.ts';
import { isDigest } from './reference.ts';

/** What a blob or manifest is and how to know it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
}

/** The manifest of one artifact: a configuration and layers. */
export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A list of manifests, for several platforms or of several kinds. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerIndex;
}

/** Reads the bytes of a manifest that is not an index. */
export function parseImageManifest(bytes: Uint8Array): ImageManifest {
  const manifest = parseObject(bytes);
  return {
    schemaVersion: 2,
    ...optionalTexts(manifest, ['mediaType', 'artifactType']),
    config: readDescriptor(manifest['config'], 'config'),
    layers: readList(manifest['layers'], 'layers'),
    ...readAnnotations(manifest),
  };
}

/** Reads the bytes of an index. */
export function parseImageIndex(bytes: Uint8Array): ImageIndex {
  const index = parseObject(bytes);
  return {
    schemaVersion: 2,
    ...optionalTexts(index, ['mediaType']),
    manifests: readList(index['manifests'], 'manifests'),
    ...readAnnotations(index),
  };
}

/** The type that the content itself names: an answer's header may be wrong or missing. */
export function mediaTypeOf(bytes: Uint8Array, header: string): string {
  const named = parseObject(bytes);
  if (typeof named['mediaType'] === 'string' && named['mediaType'] !== '') return named['mediaType'];
  if (header !== '') return header;
  return Array.isArray(named['manifests']) ? mediaTypes.ociIndex : mediaTypes.ociManifest;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    throw new OciError(`the manifest is not valid JSON: ${messageOf(error)}`);
  }
  if (isRecord(parsed)) return parsed;
  throw new OciError('the manifest is not a JSON object');
}

function readList(value: unknown, field: string): Descriptor[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new OciError(`the manifest's '${field}' is not a list`);
  return value.map((item: unknown, index) => readDescriptor(item, `${field}[${index}]`));
}

function readDescriptor(value: unknown, field: string): Descriptor {
  if (!isRecord(value)) throw new OciError(`the manifest has no '${field}'`);
  const { digest, size, mediaType } = value;
  if (typeof digest !== 'string' || !isDigest(digest))
    throw new OciError(`the manifest's '${field}' has no valid digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw new OciError(`the manifest's '${field}' has no valid size`);
  }
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    size,
    ...readAnnotations(value),
    ...optionalTexts(value, ['artifactType']),
  };
}

function readAnnotations(value: Record<string, unknown>): { annotations?: Record<string, string> } {
  const { annotations } = value;
  if (!isRecord(annotations)) return {};
  const texts = Object.entries(annotations).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === 0 ? {} : { annotations: Object.fromEntries(texts) };
}

function optionalTexts<Name extends string>(
  value: Record<string, unknown>,
  names: readonly Name[],
): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const text = value[name];
    if (typeof text === 'string') found[name] = text;
  }
  return found;
}
