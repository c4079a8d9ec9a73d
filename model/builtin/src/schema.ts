import {
  type GoField,
  type GroupVersionKind,
  type JsonValue,
  type Schema,
  structuralFromOpenApi,
} from '@flux/apimachinery';
import { lazyData } from './data.ts';
import { findBuiltinKind } from './kind.ts';

/** A definition of the OpenAPI v2 document, without descriptions. */
export interface OpenApiDefinition {
  readonly type?: string;
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, OpenApiDefinition>>;
  readonly additionalProperties?: OpenApiDefinition;
  readonly items?: OpenApiDefinition;
  readonly $ref?: string;
  readonly default?: JsonValue;
  readonly enum?: readonly string[];
  readonly [extension: `x-kubernetes-${string}`]: unknown;
}

interface DefinitionData {
  definitions: Record<string, OpenApiDefinition>;
  defaults: Record<string, Record<string, JsonValue>>;
  goFields: Record<string, Partial<Record<GoField, string>>>;
}

/** The definitions as served, shared with `open-api.ts`; read on first use. */
export const definitionData = lazyData<DefinitionData>('./definitions.generated.json');

const resolved = new Map<string, Schema>();
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const rawExtension = 'io.k8s.apimachinery.pkg.runtime.RawExtension';

/** Types that the document describes less well than the server treats them. */
const special: Record<string, Schema> = {
  [quantity]: { type: 'string', format: 'quantity', definition: quantity },
  [rawExtension]: {
    preserveUnknownFields: true,
    listType: 'atomic',
    mapType: 'atomic',
    definition: rawExtension,
  },
};

/** The whole schema of a built-in kind; parts resolve as they are read. */
export function builtinSchema(gvk: GroupVersionKind): Schema | undefined {
  const kind = findBuiltinKind(gvk);
  return kind === undefined ? schemaOfExtraKind(gvk) : resolveSchema(kind.schema);
}

/** Kinds of request bodies that are no resources (Scale, Eviction, DeleteOptions) carry their GVK in the document. */
function schemaOfExtraKind({ group, version, kind }: GroupVersionKind): Schema | undefined {
  const tail = `.${version}.${kind}`;
  for (const [name, definition] of Object.entries(definitionData().definitions)) {
    if (!name.endsWith(tail)) continue;
    const gvks = definition['x-kubernetes-group-version-kind'];
    if (
      Array.isArray(gvks) &&
      gvks.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind)
    ) {
      return resolveSchema(name);
    }
  }
  return undefined;
}

/** The schema of a definition such as `io.k8s.api.core.v1.PodSpec`; undefined when there is none of that name. */
export function resolveSchema(name: string): Schema | undefined {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const { definitions } = definitionData();
  if (!Object.hasOwn(definitions, name)) return undefined;
  const schema = special[name] ?? new LazySchema(definitions[name]!, name);
  resolved.set(name, schema);
  return schema;
}

/** Follows a reference; extensions beside it (a patch strategy, a map type) and a default count over the target's own. */
function refSchema(node: OpenApiDefinition, defaultValue?: JsonValue): Schema {
  const extra = defaultValue === undefined ? {} : { default: defaultValue };
  if (node.$ref === undefined) return new LazySchema({ ...node, ...extra }, undefined);
  const name = refName(node.$ref);
  const target = definitionData().definitions[name];
  const { $ref, ...beside } = { ...node, ...extra };
  if (Object.keys(beside).length === 0) return resolveSchema(name) ?? { preserveUnknownFields: true };
  const known = Object.hasOwn(special, name) ? special[name] : undefined;
  if (known !== undefined) return { ...known, ...structuralFromOpenApi(beside) };
  return new LazySchema({ ...target, ...beside }, name);
}

function refName($ref: string): string {
  return $ref.slice('#/definitions/'.length);
}

/** Reads a definition as it is walked: 584 definitions, of which a request needs a few. */
class LazySchema implements Schema {
  readonly type?: NonNullable<Schema['type']>;
  readonly definition?: string;
  /** An object of which nothing is declared holds anything: FieldsV1, the JSON inside CRDs. */
  readonly preserveUnknownFields?: boolean;
  readonly #node: OpenApiDefinition;
  #properties: Readonly<Record<string, Schema>> | undefined;
  #items: Schema | undefined;
  #values: Schema | undefined;
  #goFields: Readonly<Record<string, GoField>> | undefined;

  constructor(node: OpenApiDefinition, name: string | undefined) {
    this.#node = node;
    const { properties, items, additionalProperties, $ref, ...plain } = node;
    Object.assign(this, structuralFromOpenApi(plain as Record<string, unknown>));
    if (name !== undefined) this.definition = name;
    const isFree =
      (node.type ?? 'object') === 'object' && properties === undefined && additionalProperties === undefined;
    if (isFree) this.preserveUnknownFields = true;
  }

  get properties(): Readonly<Record<string, Schema>> | undefined {
    const { properties } = this.#node;
    if (properties !== undefined) this.#properties ??= this.#resolveProperties(properties);
    return this.#properties;
  }

  get items(): Schema | undefined {
    if (this.#node.items !== undefined) this.#items ??= refSchema(this.#node.items);
    return this.#items;
  }

  get additionalProperties(): Schema | undefined {
    if (this.#node.additionalProperties !== undefined) this.#values ??= refSchema(this.#node.additionalProperties);
    return this.#values;
  }

  get goFields(): Readonly<Record<string, GoField>> | undefined {
    if (this.definition !== undefined) this.#goFields ??= goFieldsOf(this.definition);
    return this.#goFields;
  }

  #resolveProperties(properties: Readonly<Record<string, OpenApiDefinition>>): Readonly<Record<string, Schema>> {
    const defaults = this.definition === undefined ? undefined : definitionData().defaults[this.definition];
    const result: Record<string, Schema> = Object.create(null);
    for (const [key, node] of Object.entries(properties)) {
      result[key] = refSchema(node, defaults?.[key] ?? zeroDefault(this.goFields?.[key], node));
    }
    return result;
  }
}

/** Fields that Go always writes default to their zero value, as the server's own OpenAPI models state. */
function zeroDefault(field: GoField | undefined, node: OpenApiDefinition): JsonValue | undefined {
  if (field !== 'a') return undefined;
  if (node.type === 'string') return '';
  if (node.type === 'boolean') return false;
  return node.type === 'integer' || node.type === 'number' ? 0 : undefined;
}

function goFieldsOf(definition: string): Readonly<Record<string, GoField>> {
  const fields: Record<string, GoField> = Object.create(null);
  for (const [letter, names] of Object.entries(definitionData().goFields[definition] ?? {})) {
    for (const name of names.split(' ')) fields[name] = letter as GoField;
  }
  return fields;
}

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * A custom resource's schema with apiVersion, kind and metadata as every object has them, in embedded resources too: for
 * pruning and structured merge. `validateValue` takes the schema as the CRD states it.
 */
export function customResourceSchema(schema: Schema): Schema {
  return withTypeAndMeta({ ...withEmbedded(schema), type: 'object' });
}

function withTypeAndMeta(schema: Schema): Schema {
  const properties: Record<string, Schema> = Object.assign(Object.create(null), schema.properties);
  properties['apiVersion'] = { type: 'string' };
  properties['kind'] = { type: 'string' };
  properties['metadata'] = resolveSchema(objectMeta) ?? { type: 'object', preserveUnknownFields: true };
  return { ...schema, properties };
}

/** The same schema unless something below embeds a resource. */
function withEmbedded(schema: Schema): Schema {
  let result = schema;
  const { items, additionalProperties } = schema;
  const newItems = items && withEmbedded(items);
  if (newItems !== items) result = { ...result, items: newItems };
  if (typeof additionalProperties === 'object') {
    const values = withEmbedded(additionalProperties);
    if (values !== additionalProperties) result = { ...result, additionalProperties: values };
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const child = withEmbedded(property);
    if (child === property) continue;
    const properties: Record<string, Schema> = Object.assign(Object.create(null), result.properties);
    properties[key] = child;
    result = { ...result, properties };
  }
  return schema.embeddedResource ? withTypeAndMeta(result) : result;
}
