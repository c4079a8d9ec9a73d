import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { BuildError } from '../errors.ts';
import { fieldOf, isObject } from '../json.ts';
import type { Loader } from '../loader/loader.ts';
import { readConfig } from '../read-yaml.ts';
import type { FieldSpec } from './field-spec.ts';
import { ConfigBuilder, emptyConfig, mergeConfig, type TransformerConfig } from './transformer-config.ts';

/** Field specs from the OpenAPI documents of `crds`: properties marked as annotations, selectors, names or references. */
export function loadCrdConfig(loader: Loader, paths: readonly string[]): TransformerConfig {
  return paths.reduce((config, path) => mergeConfig(config, loadCrd(loader, path)), emptyConfig);
}

function loadCrd(loader: Loader, path: string): TransformerConfig {
  const content = loader.loadText(path);
  const types = parseTypes(content, path);
  const builder = new ConfigBuilder();
  for (const [name, schema] of types) {
    const properties = propertiesOf(schema);
    if (!['kind', 'apiVersion', 'metadata'].every((field) => isObject(fieldOf(properties, field)))) continue;
    collect(name, [], { types, builder, kind: name.split('.').at(-1) ?? name, visiting: new Set() });
  }
  return builder.build();
}

function parseTypes(content: string, path: string): Map<string, JsonObject> {
  let raw: JsonValue;
  try {
    raw = content.startsWith('{') ? JSON.parse(content) : readConfig(content);
  } catch (error) {
    if (!(error instanceof FluxError) && !(error instanceof SyntaxError)) throw error;
    throw new BuildError(`unable to parse open API definition from '${path}': ${error.message}`, { cause: error });
  }
  const types = new Map<string, JsonObject>();
  if (!isObject(raw)) return types;
  for (const name of Object.keys(raw)) {
    const definition = raw[name];
    const schema = isObject(definition) ? (fieldOf(definition, 'Schema') ?? fieldOf(definition, 'schema')) : undefined;
    if (isObject(schema)) types.set(name, schema);
  }
  return types;
}

function propertiesOf(schema: JsonObject): JsonObject {
  const properties = fieldOf(schema, 'properties');
  return isObject(properties) ? properties : {};
}

interface Collection {
  readonly types: ReadonlyMap<string, JsonObject>;
  readonly builder: ConfigBuilder;
  readonly kind: string;
  /** Types on the way down; a recursive type is not entered again. */
  readonly visiting: Set<string>;
}

function collect(name: string, path: readonly string[], collection: Collection): void {
  const schema = collection.types.get(name);
  if (schema === undefined || collection.visiting.has(name)) return;
  collection.visiting.add(name);
  const properties = propertiesOf(schema);
  for (const field of Object.keys(properties)) {
    const property = properties[field];
    if (isObject(property)) collectProperty(property, [...path, field], collection);
  }
  collection.visiting.delete(name);
}

function collectProperty(property: JsonObject, path: readonly string[], collection: Collection): void {
  const { builder, kind } = collection;
  const spec = (...more: string[]): FieldSpec => {
    return { kind, group: '', version: '', path: [...path, ...more].join('/'), create: false };
  };
  const extension = (name: string): string | undefined => {
    const value = fieldOf(property, name);
    return typeof value === 'string' ? value : undefined;
  };
  if (extension('x-kubernetes-annotation') !== undefined) builder.add('commonAnnotations', spec());
  if (extension('x-kubernetes-label-selector') !== undefined) builder.add('commonLabels', spec());
  if (extension('x-kubernetes-identity') !== undefined) builder.add('namePrefix', spec());
  const version = extension('x-kubernetes-object-ref-api-version');
  const target = extension('x-kubernetes-object-ref-kind');
  if (version !== undefined && target !== undefined) {
    const nameKey = extension('x-kubernetes-object-ref-name-key') ?? 'name';
    builder.addReference({ kind: target, version, group: '', fieldSpecs: [spec(nameKey)] });
  }
  const ref = extension('$ref');
  if (ref !== undefined) collect(ref, path, collection);
}
