import { createHash } from 'node:crypto';
import { openApiV2Definitions } from '@flux/builtin';
import type { Catalog } from '../registry/catalog.ts';
import { apiVersionOf, type Resource } from '../registry/resource.ts';
import { groupsOf, resourcesOf } from './groups.ts';

type Json = Record<string, unknown>;

const v2Prefix = '#/definitions/';
const v3Prefix = '#/components/schemas/';

/** OpenAPI v2 and v3 of everything that is served, as far as kubectl reads it: schemas, and paths with their kinds. */
export class OpenApi {
  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** The list of v3 documents; the hash makes clients fetch a document again when it changed. */
  index(): Json {
    const paths: Json = {};
    for (const path of this.#documents()) {
      const hash = createHash('sha512').update(`${this.#catalog.generation} ${path}`).digest('hex').toUpperCase();
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` };
    }
    return { paths };
  }

  has(path: string): boolean {
    return this.#documents().includes(path);
  }

  /** The v3 document of one group and version, such as `apis/apps/v1`. */
  document(path: string): Json {
    const [group, version] = path.startsWith('apis/') ? (path.slice(5).split('/') as [string, string]) : ['', 'v1'];
    const resources = resourcesOf(this.#catalog, group, version);
    const definitions = this.#definitionsOf(resources);
    return {
      openapi: '3.0.0',
      info: resources.every(({ builtin }) => builtin)
        ? { title: 'Kubernetes', version: 'v1.36.3' }
        : { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
      paths: Object.assign({}, ...resources.map((resource) => pathsOf(resource, 'v3'))),
      components: { schemas: relink(definitions, v2Prefix, v3Prefix) },
    };
  }

  swagger(): Json {
    const resources = this.#catalog.all();
    const custom = resources.filter(({ builtin }) => !builtin);
    return {
      swagger: '2.0',
      info: { title: 'Kubernetes', version: 'v1.36.3' },
      paths: Object.assign({}, ...resources.map((resource) => pathsOf(resource, 'v2'))),
      definitions: { ...openApiV2Definitions(), ...this.#definitionsOf(custom) },
      parameters: {},
      securityDefinitions: {},
      security: [],
    };
  }

  #documents(): string[] {
    const documents: string[] = [];
    for (const { name, versions } of groupsOf(this.#catalog)) {
      for (const version of versions) documents.push(name === '' ? `api/${version}` : `apis/${name}/${version}`);
    }
    return documents;
  }

  /** Definitions of the kinds and of all that they refer to. */
  #definitionsOf(resources: readonly Resource[]): Json {
    const all: Readonly<Record<string, unknown>> = openApiV2Definitions();
    const found: Json = {};
    const add = (name: string): void => {
      if (Object.hasOwn(found, name) || !Object.hasOwn(all, name)) return;
      found[name] = all[name];
      for (const reference of referencesOf(all[name])) add(reference);
    };
    for (const resource of resources) {
      if (resource.builtin) {
        add(definitionName(resource));
        continue;
      }
      const definition = customDefinition(resource);
      found[definitionName(resource)] = definition;
      found[`${definitionName(resource)}List`] = customListDefinition(resource);
      for (const reference of [...referencesOf(definition), listMeta]) add(reference);
    }
    return found;
  }
}

function referencesOf(value: unknown): string[] {
  const names: string[] = [];
  const visit = (item: unknown): void => {
    if (typeof item !== 'object' || item === null) return;
    for (const [key, child] of Object.entries(item)) {
      if (key === '$ref' && typeof child === 'string') names.push(child.slice(v2Prefix.length));
      else visit(child);
    }
  };
  visit(value);
  return names;
}

function relink(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    if (key === '$ref' && typeof item === 'string') return [key, item.replace(from, to)];
    return [key, relink(item, from, to)];
  });
  const { $ref, ...others } = Object.fromEntries(entries) as Json;
  if ($ref === undefined) return others;
  // Version 3 has no members beside a reference.
  return Object.keys(others).length > 0 ? { ...others, allOf: [{ $ref }] } : { $ref };
}

/** `com.example.disc.v1.Disc` for custom kinds; the Go package for built-in ones. */
function definitionName(resource: Resource): string {
  if (resource.builtin) return resource.schema().definition ?? '';
  return `${resource.group.split('.').reverse().join('.')}.${resource.version}.${resource.kind}`;
}

function customDefinition(resource: Resource): Json {
  const { group, version, kind } = resource;
  const schema = { ...(resource.custom?.openApi() ?? { type: 'object' }) };
  const properties = {
    apiVersion: { description: apiVersionDescription, type: 'string' },
    kind: { description: kindDescription, type: 'string' },
    metadata: {
      description:
        "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
      $ref: `${v2Prefix}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta`,
    },
    ...withoutMetadata(schema['properties']),
  };
  return { ...schema, properties, 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
}

const listMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

function customListDefinition(resource: Resource): Json {
  const { group, version, kind, plural, listKind } = resource;
  const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
  return {
    description: `${listKind} is a list of ${kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: apiVersionDescription, type: 'string' },
      items: {
        description: `List of ${plural}. More info: ${conventions}`,
        type: 'array',
        items: { $ref: `${v2Prefix}${definitionName(resource)}` },
      },
      kind: { description: kindDescription, type: 'string' },
      metadata: {
        description: `Standard list metadata. More info: ${conventions}#types-kinds`,
        $ref: `${v2Prefix}${listMeta}`,
      },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: listKind, version }],
  };
}

function withoutMetadata(properties: unknown): Json {
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...rest } = (properties ?? {}) as Json;
  return rest;
}

const apiVersionDescription =
  'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const kindDescription =
  'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';

const actions: Record<string, [method: string, action: string]> = {
  get: ['get', 'get'],
  update: ['put', 'put'],
  patch: ['patch', 'patch'],
  delete: ['delete', 'delete'],
};

function pathsOf(resource: Resource, dialect: 'v2' | 'v3'): Json {
  const root = resource.group ? `/apis/${apiVersionOf(resource)}` : '/api/v1';
  const scope = resource.namespaced
    ? `${root}/namespaces/{namespace}/${resource.plural}`
    : `${root}/${resource.plural}`;
  const paths: Json = {};
  if (resource.namespaced && resource.verbs.includes('list')) {
    paths[`${root}/${resource.plural}`] = { get: operation(resource, 'list', dialect) };
  }
  paths[scope] = collectionOperations(resource, dialect);
  const item = itemOperations(resource, resource.verbs, dialect);
  if (Object.keys(item).length > 0) paths[`${scope}/{name}`] = item;
  for (const { name, verbs } of resource.subresources)
    paths[`${scope}/{name}/${name}`] = itemOperations(resource, verbs, dialect);
  return paths;
}

function collectionOperations(resource: Resource, dialect: 'v2' | 'v3'): Json {
  const { verbs } = resource;
  return {
    ...(verbs.includes('list') ? { get: operation(resource, 'list', dialect) } : {}),
    ...(verbs.includes('create') ? { post: operation(resource, 'post', dialect) } : {}),
    ...(verbs.includes('deletecollection') ? { delete: operation(resource, 'deletecollection', dialect) } : {}),
  };
}

function itemOperations(resource: Resource, verbs: readonly string[], dialect: 'v2' | 'v3'): Json {
  const found: Json = {};
  for (const [verb, [method, action]] of Object.entries(actions)) {
    if (verbs.includes(verb)) found[method] = operation(resource, action, dialect);
  }
  return found;
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation'];

/** kubectl looks here for the kind, and for the fieldValidation parameter before it trusts the server to validate. */
function operation({ group, version, kind }: Resource, action: string, dialect: 'v2' | 'v3'): Json {
  const names = ['post', 'put', 'patch'].includes(action) ? writeParameters : [];
  const parameters = names.map((name) =>
    dialect === 'v3'
      ? { name, in: 'query', schema: { type: 'string', uniqueItems: true } }
      : { name, in: 'query', type: 'string', uniqueItems: true },
  );
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, kind, version },
    ...(parameters.length > 0 ? { parameters } : {}),
    responses: { 200: { description: 'OK' } },
  };
}
