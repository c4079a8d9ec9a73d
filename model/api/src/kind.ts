import type { JsonObject, KubeObject } from '@flux/apimachinery';
import type { Schema } from './schema/schema.ts';

export interface PrinterColumn {
  name: string;
  type: 'string' | 'date' | 'boolean' | 'integer';
  jsonPath: string;
}

export interface KindVersion {
  name: string;
  /** The one version in which objects are stored; the newest. */
  storage?: boolean;
  deprecated?: boolean;
  columns: readonly PrinterColumn[];
}

/** What the command line can do with a kind. */
export type CliVerb = 'create' | 'get' | 'export' | 'reconcile' | 'suspend' | 'resume' | 'delete' | 'debug';

export interface KindCli {
  /** Words after the verb, such as `['source', 'git']`. */
  command: readonly string[];
  /** Words after `get`, such as `['sources', 'git']`. */
  listCommand: readonly string[];
  aliases?: readonly string[];
  listAliases?: readonly string[];
  /** How messages name one object (`source git`). */
  noun: string;
  /** How help texts name one and several (`GitRepository source`). */
  title: string;
  plural: string;
  verbs: readonly CliVerb[];
}

interface KindDefinition<Spec, Status> {
  group: string;
  kind: string;
  plural: string;
  shortNames: readonly string[];
  categories: readonly string[];
  doc: string;
  versions: readonly KindVersion[];
  spec: Schema<Spec>;
  status: Schema<Status>;
  cli: KindCli;
  /** Moves what older versions said to where the storage version says it; gives back the input when there is nothing to move. */
  translate?: (object: KubeObject) => KubeObject;
}

/** An object of a kind. */
export type ObjectOf<Spec, Status> = KubeObject & { spec: Spec; status?: Status };

export interface Kind<Spec = unknown, Status = unknown> extends KindDefinition<Spec, Status> {
  readonly singular: string;
  readonly listKind: string;
  /** Version in which objects are stored and in which controllers read and write them. */
  readonly storageVersion: string;
  /** Group and storage version, as in manifests. */
  readonly apiVersion: string;
  /** `gitrepositories.source.toolkit.fluxcd.io` */
  readonly crdName: string;
  /** True for objects of this kind in any served version. */
  serves(object: { apiVersion: string; kind: string }): boolean;
  /** The object as the storage version spells it; never changes its argument. */
  read(object: KubeObject): ObjectOf<Spec, Status>;
}

/** Declares a kind: its types, CRD, command line and reference page all come from here. */
export function defineKind<Spec, Status>(definition: KindDefinition<Spec, Status>): Kind<Spec, Status> {
  const { group, kind, plural, versions, translate } = definition;
  const storageVersion = (versions.find(({ storage }) => storage) ?? versions[0])?.name ?? 'v1';
  const apiVersion = `${group}/${storageVersion}`;
  const served = new Set(versions.map(({ name }) => `${group}/${name}`));
  return {
    ...definition,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    storageVersion,
    apiVersion,
    crdName: `${plural}.${group}`,
    serves: (object) => object.kind === kind && served.has(object.apiVersion),
    read(object) {
      const translated = translate ? translate(object) : object;
      const current = translated.apiVersion === apiVersion ? translated : { ...translated, apiVersion };
      return current as ObjectOf<Spec, Status>;
    },
  };
}

/** Printer columns as most kinds have them. */
export const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };
export const urlColumn: PrinterColumn = { name: 'URL', type: 'string', jsonPath: '.spec.url' };
export const readyColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
];

/** An object whose named fields are left out; the same object when it has none of them. */
export function without<T extends JsonObject>(object: T, names: readonly string[]): T {
  if (!names.some((name) => Object.hasOwn(object, name))) return object;
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name))) as T;
}
