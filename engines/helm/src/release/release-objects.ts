import {
  aggregateMessages,
  formatApiVersion,
  getMember,
  isJsonObject,
  type KubeObject,
  type ObjectRef,
  parseApiVersion,
} from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { parseYaml } from '@flux/yaml';
import { splitManifests } from '../render/split-manifests.ts';
import type { ReleaseCluster, ReleaseMapping } from './release-cluster.ts';
import { ReleaseError, wrapError } from './release-error.ts';

/** An object of a manifest, with where the cluster serves it. */
export interface ReleaseObject {
  /** As the manifest has it, with its namespace; replaced by copies, never changed. */
  object: KubeObject;
  /** What the cluster last answered for it. */
  live?: KubeObject;
  readonly ref: ObjectRef;
  readonly mapping: ReleaseMapping;
}

export interface BuildOptions {
  cluster: ReleaseCluster;
  /** For objects without a namespace. */
  namespace: string;
  /** Whether the manifest is checked as kubectl does before it asks the server (HELM-KUBE-08). */
  validate?: boolean;
  /**
   * Whether kinds that are not served are skipped, or looked for in another version: for what a release had once. Objects
   * of such a kind cannot exist, and an error would never go away.
   */
  onUnservedKind?: (object: KubeObject) => void;
}

/** The objects of a manifest in its order, lists taken apart (HELM-MAN-05). All failures are in one error. */
export async function buildObjects(manifest: string, options: BuildOptions): Promise<ReleaseObject[]> {
  const documents = splitManifests(manifest).map(parseDocument);
  const problems: string[] = [];
  const results: ReleaseObject[] = [];
  for (const document of documents.filter((value) => value !== null).flatMap(flatten)) {
    try {
      const built = await buildObject(document, options);
      if (built) results.push(built);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  if (problems.length === 0) return results;
  throw new ReleaseError(aggregateMessages(problems));
}

function parseDocument(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw wrapError('error parsing : error converting YAML to JSON', error);
  }
}

/** A list gives its items; those without a kind have the list's. */
function flatten(document: unknown): unknown[] {
  if (!isJsonObject(document) || !Array.isArray(document['items'])) return [document];
  const { apiVersion, kind } = document as Record<string, unknown>;
  const itemKind = typeof kind === 'string' && kind.endsWith('List') ? kind.slice(0, -'List'.length) : undefined;
  return document['items'].flatMap((item: unknown) => {
    if (!isJsonObject(item) || getMember(item, 'kind') !== undefined || !itemKind) return flatten(item);
    return flatten({ apiVersion, kind: itemKind, ...item });
  });
}

async function buildObject(document: unknown, options: BuildOptions): Promise<ReleaseObject | undefined> {
  const object = checkObject(document, options.validate ?? false);
  const mapping = await findMapping(object, options);
  if (!mapping) return undefined;
  const { namespace: own, ...metadata } = object.metadata;
  const namespace = mapping.namespaced ? own || options.namespace : undefined;
  const placed = {
    ...object,
    apiVersion: formatApiVersion(mapping.group, mapping.version),
    metadata: namespace ? { ...metadata, namespace } : metadata,
  };
  const { apiVersion, kind } = placed;
  const ref = { apiVersion, kind, name: metadata.name ?? '', ...(namespace ? { namespace } : {}) };
  return { object: placed, ref, mapping };
}

function checkObject(document: unknown, validate: boolean): KubeObject {
  const object = isJsonObject(document) ? (document as Record<string, unknown>) : {};
  const missing = ['apiVersion', 'kind'].filter((field) => typeof object[field] !== 'string' || object[field] === '');
  if (missing.length > 0 && validate) {
    const text = aggregateMessages(missing.map((field) => `${field} not set`));
    throw new ReleaseError(`error validating "": error validating data: ${text}`);
  }
  if (missing.length > 0) {
    const field = missing.includes('kind') ? 'Kind' : 'apiVersion';
    throw new ReleaseError(`unable to decode "": Object '${field}' is missing in '${JSON.stringify(document)}'`);
  }
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  return { ...object, metadata } as unknown as KubeObject;
}

async function findMapping(object: KubeObject, options: BuildOptions): Promise<ReleaseMapping | undefined> {
  try {
    return await options.cluster.mapping(object);
  } catch (error) {
    if (!isNoKindMatch(error)) throw new ReleaseError(`unable to recognize "": ${messageOf(error)}`, { cause: error });
    if (options.onUnservedKind) return findOtherVersion(object, options);
    const { name = '', namespace = '' } = object.metadata;
    const where = `resource mapping not found for name: "${name}" namespace: "${namespace}" from ""`;
    throw new ReleaseError(`${where}: ${messageOf(error)}\nensure CRDs are installed first`, { cause: error });
  }
}

async function findOtherVersion(object: KubeObject, options: BuildOptions): Promise<ReleaseMapping | undefined> {
  const { group } = parseApiVersion(object.apiVersion);
  const found = (await options.cluster.mappings()).find((it) => it.group === group && it.kind === object.kind);
  if (!found) options.onUnservedKind?.(object);
  return found;
}

function isNoKindMatch(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NO_KIND_MATCH';
}

/** Identifies an object of the cluster: the version does not count. */
function keyOfObject({ ref, mapping }: ReleaseObject): string {
  return [mapping.group, mapping.kind, ref.namespace ?? '', ref.name].join('\n');
}

/** Finds objects of a list by their identity. */
export function indexObjects(objects: readonly ReleaseObject[]): (object: ReleaseObject) => ReleaseObject | undefined {
  const index = new Map<string, ReleaseObject>();
  for (const object of objects) if (!index.has(keyOfObject(object))) index.set(keyOfObject(object), object);
  return (object) => index.get(keyOfObject(object));
}

/** `Deployment "web" in namespace "apps"` */
export function describeObject({ ref }: ReleaseObject): string {
  return `${ref.kind} "${ref.name}" in namespace "${ref.namespace ?? ''}"`;
}

/** `apps/web apps/v1, Kind=Deployment`, as server-side apply names an object (HELM-KUBE-06). */
export function subjectOf({ ref, mapping }: ReleaseObject): string {
  return `${ref.namespace ?? ''}/${ref.name} ${mapping.group}/${mapping.version}, Kind=${mapping.kind}`;
}

/** For log lines. */
export function namesOf({ ref: { kind, name, namespace = '' } }: ReleaseObject) {
  return { kind, name, namespace };
}
