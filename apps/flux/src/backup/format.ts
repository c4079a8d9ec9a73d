import type { KubeObject } from '@flux/apimachinery';
import { parseApiVersion } from '@flux/apimachinery';

/** Raised when an older flux could misread what a newer one writes. */
export const formatVersion = 1;
export const indexFile = 'index.yaml';

/** What the archive says of itself in `index.yaml`, its first file. */
export interface BackupIndex {
  format: 'flux-backup';
  version: number;
  createdAt: string;
  /** Version of the flux that wrote it. */
  flux: string;
  /** Version of the API server that it was read from. */
  kubernetes: string;
  /** `flux`: the objects of Flux and what they refer to; `all`: everything of an embedded API server. */
  scope: 'flux' | 'all';
  /** Absent when all namespaces were read. */
  namespace?: string;
  /** Whether Secrets were read. */
  secrets: boolean;
  objects: IndexEntry[];
}

/** One file, one object. */
export interface IndexEntry {
  file: string;
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  /** Hex digest of the file. */
  sha256: string;
}

export interface Backup {
  index: BackupIndex;
  /** In the order of the files. */
  objects: KubeObject[];
}

/** `namespaces/<namespace>/<Kind>.<group>/<name>.yaml`, or `cluster/…` for what has no namespace. */
export function fileOf({ apiVersion, kind, metadata }: KubeObject): string {
  const { group } = parseApiVersion(apiVersion);
  const folder = metadata.namespace ? `namespaces/${metadata.namespace}` : 'cluster';
  // Names of roles may hold what a file name cannot.
  return `${folder}/${group ? `${kind}.${group}` : kind}/${encodeURIComponent(metadata.name)}.yaml`;
}
