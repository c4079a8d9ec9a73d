import type { JsonObject, KubeObject } from '@flux/apimachinery';
import { substituteAnnotation } from './annotations.ts';
import type { Kind, KindVersion } from './kind.ts';
import { type SchemaForm, toOpenApi } from './schema/open-api.ts';

/** The CustomResourceDefinition of a kind: every version is served, the storage version keeps the fields of all. */
export function crdOf(kind: Kind): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: kind.crdName,
      // descriptions could hold ${…}, which a Kustomization that deploys Flux would substitute (KUS-API-04)
      annotations: { [substituteAnnotation]: 'disabled' },
    },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: kind.listKind,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: [...kind.shortNames],
        categories: [...kind.categories],
      },
      scope: 'Namespaced',
      versions: kind.versions.map((version) => crdVersion(kind, version)),
    },
  };
}

function crdVersion(kind: Kind, version: KindVersion): JsonObject {
  const isStorage = version.name === kind.storageVersion;
  return {
    name: version.name,
    served: true,
    storage: isStorage,
    ...(version.deprecated
      ? {
          deprecated: true,
          deprecationWarning: `${version.name} ${kind.kind} is deprecated, upgrade to ${kind.storageVersion}`,
        }
      : {}),
    additionalPrinterColumns: version.columns.map(({ name, type, jsonPath }) => ({ name, type, jsonPath })),
    schema: { openAPIV3Schema: versionSchema(kind, isStorage ? unionForm(kind) : { version: version.name }) },
    subresources: { status: {} },
  };
}

/** The form in which objects of a kind are stored. */
export function unionForm(kind: Kind): SchemaForm {
  return { version: kind.storageVersion, unionOf: kind.versions.map(({ name }) => name) };
}

/** The whole-object schema of one form of a kind. */
export function versionSchema(kind: Kind, form: SchemaForm): JsonObject {
  return {
    type: 'object',
    description: kind.doc,
    properties: {
      apiVersion: { type: 'string', description: 'Group and version of this representation of the object.' },
      kind: { type: 'string', description: 'Kind of the object in CamelCase.' },
      metadata: { type: 'object' },
      spec: toOpenApi(kind.spec, form),
      status: toOpenApi(kind.status, form),
    },
  };
}
