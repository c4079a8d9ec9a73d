import type { Schema } from '@flux/apimachinery';
import { type BuiltinKind, builtinKinds, resolveSchema } from '@flux/builtin';
import { inGoOrder } from '../decode/member-order.ts';
import { decodeObject } from '../decode/object.ts';
import type { Store } from '../storage/store.ts';
import { strategies } from '../strategies/index.ts';
import { builtinPrinter } from '../table/builtin.ts';
import type { Catalog } from './catalog.ts';
import { fromStoredVersion, toStoredVersion } from './conversion.ts';
import { apiVersionOf, type Resource } from './resource.ts';
import { selectableFields } from './selectable-fields.table.ts';

/** Events live once although two groups serve them. */
function storageName({ group, resource }: BuiltinKind): string {
  return group === 'events.k8s.io' ? 'events' : group ? `${resource}.${group}` : resource;
}

/** Registers every built-in kind. */
export function addBuiltinKinds(catalog: Catalog, store: Store): void {
  for (const kind of builtinKinds()) catalog.add(builtinResource(kind, store));
}

const deprecations: Readonly<Record<string, string>> = {
  ComponentStatus: 'v1 ComponentStatus is deprecated in v1.19+',
  Endpoints: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
};

function builtinResource(kind: BuiltinKind, store: Store): Resource {
  const { group, version, schema } = kind;
  const apiVersion = apiVersionOf({ group, version });
  const typeMeta = { kind: kind.kind, apiVersion };
  const strategy = strategies[kind.kind] ?? {};
  return {
    group,
    version,
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    plural: kind.resource,
    singular: kind.singular,
    namespaced: kind.namespaced,
    shortNames: kind.shortNames,
    categories: kind.categories,
    verbs: kind.verbs,
    subresources: kind.subresources.map(({ group: otherGroup = '', version: otherVersion = '', ...rest }) => ({
      ...rest,
      group: otherGroup,
      version: otherVersion,
    })),
    hasStatus: kind.hasStatus,
    ...(kind.storageVersionHash ? { storageVersionHash: kind.storageVersionHash } : {}),
    bucket: store.bucket(storageName(kind)),
    strategy,
    builtin: true,
    ...(deprecations[kind.kind] && version === 'v1' && group === '' ? { deprecation: deprecations[kind.kind]! } : {}),
    decode: (value, context) => ({ ...decodeObject(schema, value, context), ...typeMeta }),
    inOrder: (object) => inGoOrder(schema, object),
    toStored: (object) => toStoredVersion(object),
    fromStored: (object) => fromStoredVersion(object, apiVersion),
    schema: () => schemaOf(schema),
    printer: () => builtinPrinter(kind.kind, kind.columns),
    selectable: new Set(selectableFields[kind.kind] ?? []),
  };
}

function schemaOf(definition: string): Schema {
  const schema = resolveSchema(definition);
  if (!schema) throw new TypeError(`no schema ${definition}`);
  return schema;
}
