import type { GroupVersionKind, KubeObject, Schema } from '@flux/apimachinery';
import type { DecodeContext } from '../decode/go-value.ts';
import type { FieldError } from '../status.ts';
import type { Bucket } from '../storage/bucket.ts';
import type { TablePrinter } from '../table/printer.ts';
import type { User } from './user.ts';

/** Which part of the object a subresource shows and accepts. */
export interface Subresource {
  name: string;
  kind: string;
  group: string;
  version: string;
  verbs: readonly string[];
}

/** What happens at the level of one kind beyond the generic flow; each hook works in place on an unfrozen object. */
export interface Strategy {
  /** Defaults that Go code sets beyond the schema; runs after decoding on every write. */
  setDefaults?(object: KubeObject): void;
  /** Server-owned parts of a new object, set after field ownership was computed. */
  prepareForCreate?(object: KubeObject, context: StrategyContext): void;
  /** Server-owned parts of a changed object; the generic flow already restored metadata and status. */
  prepareForUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): void;
  validate?(object: KubeObject, context: StrategyContext): FieldError[];
  validateUpdate?(object: KubeObject, old: KubeObject, context: StrategyContext): FieldError[];
  validateStatusUpdate?(object: KubeObject, old: KubeObject): FieldError[];
  /** An update is checked like a new object, metadata included. */
  validatesMetadataAgain?: boolean;
  warnings?(object: KubeObject, old: KubeObject | undefined, context: StrategyContext): string[];
  /** Changes to a new object made by admission plugins, before ownership is computed; throws to refuse. */
  admit?(object: KubeObject, context: StrategyContext): void;
  /** Values of field selectors beyond metadata.name and metadata.namespace. */
  selectableFields?(object: KubeObject): Record<string, string>;
  /** `metadata.generation` counts changes of the spec; some kinds have none. */
  generation?: 'spec' | 'spec and annotations' | 'object' | 'none';
  nameRule?: 'subdomain' | 'label' | 'label1035' | 'path';
  /** A new object brings its status with it. */
  createsWithStatus?: boolean;
  /** PUT of a missing object creates it. */
  createsOnUpdate?: boolean;
  /** PUT needs a resourceVersion. */
  requiresVersion?: boolean;
  /** What a delete without a policy does. */
  defaultPropagation?: 'Orphan';
  /** Marks an object whose deletion takes more than its finalizers; replaces the generic mark. */
  markDeleted?(object: KubeObject, context: StrategyContext): KubeObject | undefined;
  /** Seconds that a deleted object may take to stop, or 0 to remove it at once. */
  gracePeriod?(object: KubeObject, requested: number | undefined): number;
  /** The DELETE answer is the object, not a Status. */
  answersDeletedObject?: boolean;
  /** Paths that PUT and POST ignore because the server owns them, as in the strategy's GetResetFields. */
  resetFields?: readonly string[];
  /** Runs after the object was stored or removed (not in dry runs). */
  onStored?(object: KubeObject, context: StrategyContext): void;
  onRemoved?(object: KubeObject, context: StrategyContext): void;
}

export interface StrategyContext {
  readonly api: ApiView;
  readonly resource: Resource;
  readonly now: Date;
  readonly dryRun: boolean;
  readonly subresource: string;
  readonly user: User;
}

/** The part of the server that strategies may read. */
export interface ApiView {
  find(group: string, plural: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(group: string, plural: string, namespace?: string): readonly KubeObject[];
  authorize(
    user: { name: string; groups: readonly string[] },
    check: { verb: string; group: string; resource: string; namespace?: string; name?: string },
  ): boolean;
  authorizePath(user: { name: string; groups: readonly string[] }, verb: string, path: string): boolean;
  readonly rbac: boolean;
}

/** One resource at one version as it is served. */
export interface Resource extends GroupVersionKind {
  listKind: string;
  plural: string;
  singular: string;
  namespaced: boolean;
  shortNames: readonly string[];
  categories: readonly string[];
  verbs: readonly string[];
  subresources: readonly Subresource[];
  hasStatus: boolean;
  storageVersionHash?: string;
  bucket: Bucket;
  strategy: Strategy;
  builtin: boolean;
  /** Warned of on every request. */
  deprecation?: string;
  /** Canonical form of a body at this version; reports strict errors into the context. */
  decode(value: unknown, context: DecodeContext): KubeObject;
  /** The object as clients see it: members in the order of Go's structs, or of the alphabet for custom resources. */
  inOrder(object: KubeObject): KubeObject;
  /** To and from the version that is stored. */
  toStored(object: KubeObject): KubeObject;
  fromStored(object: KubeObject): KubeObject;
  /** Describes merging and field ownership. */
  schema(): Schema;
  printer(): TablePrinter;
  /** Values that field selectors may ask for; `undefined` allows only metadata. */
  selectable: ReadonlySet<string>;
  custom?: CustomResource;
}

/** What only custom resources have. */
export interface CustomResource {
  validate(object: KubeObject, old?: KubeObject): FieldError[];
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  isTerminating(): boolean;
  /** The schema as its CRD declares it. */
  openApi(): Record<string, unknown>;
}

export function apiVersionOf(resource: { group: string; version: string }): string {
  return resource.group ? `${resource.group}/${resource.version}` : resource.version;
}

/** `apps.Deployment`: the type that Go has for a kind inside the API server. */
export function goTypeName({ group }: { group: string }, kind: string): string {
  return `${group === '' ? 'core' : group.split('.')[0]}.${kind}`;
}

export function groupResourceOf(resource: Resource): { group: string; resource: string } {
  return { group: resource.group, resource: resource.plural };
}
