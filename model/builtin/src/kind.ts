import { formatApiVersion, type GroupVersionKind } from '@flux/apimachinery';
import { lazyData } from './data.ts';

export interface BuiltinSubresource {
  readonly name: string;
  readonly kind: string;
  /** Group and version of the subresource's kind when they differ from the resource's. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

/** A column of the Table form of a list. */
export interface BuiltinColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  readonly description: string;
}

/** A kind that kube-apiserver serves without any CRD. */
export interface BuiltinKind extends GroupVersionKind {
  /** The plural that stands in the path. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly BuiltinSubresource[];
  readonly hasStatus: boolean;
  /** True for the version that discovery prefers within the group. */
  readonly preferred: boolean;
  readonly storageVersionHash: string | null;
  /** Absent for kinds that cannot be listed or read. */
  readonly columns?: readonly BuiltinColumn[];
  /** Definition name in the OpenAPI document; see `resolveSchema`. */
  readonly schema: string;
}

interface KindData {
  server: string;
  columns: BuiltinColumn[];
  kinds: (Omit<BuiltinKind, 'resource' | 'columns'> & { plural: string; columns?: number[] })[];
}

const data = lazyData<KindData>('./kinds.generated.json');
let kinds: readonly BuiltinKind[] | undefined;
let byGvk: Map<string, BuiltinKind> | undefined;
let byResource: Map<string, BuiltinKind> | undefined;

/** Every built-in kind, in the order of discovery: one entry a served version. */
export function builtinKinds(): readonly BuiltinKind[] {
  kinds ??= data().kinds.map(({ plural, columns, ...kind }) => ({
    ...kind,
    resource: plural,
    ...(columns && { columns: columns.map((index) => data().columns[index]!) }),
  }));
  return kinds;
}

/** The Kubernetes version that the data was taken from, such as `v1.36.3`. */
export function kubernetesVersion(): string {
  return data().server;
}

export function findBuiltinKind(gvk: GroupVersionKind): BuiltinKind | undefined {
  byGvk ??= new Map(builtinKinds().map((kind) => [gvkKey(kind), kind]));
  return byGvk.get(gvkKey(gvk));
}

/** The kind behind a path such as `/apis/apps/v1/…/deployments`. */
export function findBuiltinResource(group: string, version: string, resource: string): BuiltinKind | undefined {
  byResource ??= new Map(builtinKinds().map((kind) => [`${kind.group}/${kind.version}/${kind.resource}`, kind]));
  return byResource.get(`${group}/${version}/${resource}`);
}

/** `apps/v1/Deployment`, `v1/Pod`. */
export function gvkKey({ group, version, kind }: GroupVersionKind): string {
  return `${formatApiVersion(group, version)}/${kind}`;
}
