import type { KubeObject } from '@flux/apimachinery';
import type { ListResult } from '../registry/list.ts';
import type { Query } from '../registry/list-options.ts';
import { apiVersionOf, type Resource } from '../registry/resource.ts';
import { badRequest } from '../status.ts';
import type { Negotiated } from './negotiate.ts';

/** Turns stored objects into what the client asked for: the object, its metadata, or table rows. */
export interface Form {
  /** Part of the key under which encoded watch events are shared. */
  id: string;
  single(object: KubeObject): unknown;
  list(result: ListResult): unknown;
  event(object: KubeObject, isFirst: boolean): unknown;
  bookmark(object: KubeObject): unknown;
}

export function formFor(resource: Resource, negotiated: Negotiated, query: Query, now: () => Date): Form {
  switch (negotiated.as) {
    case 'Table':
      return tableForm(resource, negotiated.version, query, now);
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return metadataForm(negotiated.version);
    default:
      return plainForm(resource);
  }
}

function listMetadata(result: ListResult): Record<string, unknown> {
  return {
    resourceVersion: result.resourceVersion,
    ...(result.continue === undefined ? {} : { continue: result.continue }),
    ...(result.remainingItemCount === undefined ? {} : { remainingItemCount: result.remainingItemCount }),
  };
}

function plainForm(resource: Resource): Form {
  const apiVersion = apiVersionOf(resource);
  const show = (object: KubeObject) => resource.fromStored(object);
  return {
    id: `plain:${apiVersion}`,
    single: (object) => object,
    list: (result) =>
      resource.builtin
        ? {
            kind: resource.listKind,
            apiVersion,
            metadata: listMetadata(result),
            items: result.items.map((item) => typeless(show(item))),
          }
        : {
            apiVersion,
            items: result.items.map(show),
            kind: resource.listKind,
            metadata: { continue: '', ...listMetadata(result) },
          },
    event: show,
    bookmark: (object) => object,
  };
}

/** Items of built-in lists carry no kind, as Go leaves out their empty TypeMeta. */
function typeless({ kind: _kind, apiVersion: _apiVersion, ...rest }: KubeObject): Record<string, unknown> {
  return rest;
}

function metadataForm(version: string): Form {
  const apiVersion = `meta.k8s.io/${version}`;
  const show = ({ metadata }: KubeObject) => ({ kind: 'PartialObjectMetadata', apiVersion, metadata });
  return {
    id: `metadata:${version}`,
    single: show,
    list: (result) => ({
      kind: 'PartialObjectMetadataList',
      apiVersion,
      metadata: listMetadata(result),
      items: result.items.map(show),
    }),
    event: show,
    bookmark: show,
  };
}

function tableForm(resource: Resource, version: string, query: Query, now: () => Date): Form {
  const include = query.get('includeObject')?.[0] ?? 'Metadata';
  if (!['None', 'Metadata', 'Object', ''].includes(include)) {
    const rule = `Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`;
    throw badRequest(`Unable to convert to Table as requested: includeObject: ${rule}`);
  }
  const printer = resource.printer();
  const apiVersion = `meta.k8s.io/${version}`;
  const included = (object: KubeObject): Record<string, unknown> => {
    if (include === 'None') return { object: null };
    if (include === 'Object') return { object: resource.fromStored(object) };
    return { object: { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata } };
  };
  const row = (object: KubeObject) => {
    const conditions = printer.conditions?.(object);
    return { cells: printer.cells(object, now()), ...(conditions ? { conditions } : {}), ...included(object) };
  };
  const table = (metadata: unknown, columnDefinitions: unknown, rows: unknown) => ({
    kind: 'Table',
    apiVersion,
    metadata,
    columnDefinitions,
    rows,
  });
  return {
    id: `table:${version}:${include}`,
    single: (object) => table({ resourceVersion: object.metadata.resourceVersion }, printer.columns, [row(object)]),
    list: (result) => table(listMetadata(result), printer.columns, result.items.map(row)),
    event: (object, isFirst) =>
      table({ resourceVersion: object.metadata.resourceVersion }, isFirst ? printer.columns : null, [row(object)]),
    bookmark: (object) => table(object.metadata, null, [row(object)]),
  };
}
