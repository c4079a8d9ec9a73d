import { createHash } from 'node:crypto';
import {
  applyDefaults,
  type JsonValue,
  type KubeObject,
  marshalGo,
  memberSchema,
  printGo,
  pruneUnknown,
  type Schema,
  structuralFromOpenApi,
  validateValue,
} from '@flux/apimachinery';
import { customResourceSchema } from '@flux/builtin';
import { GoDecodeError } from '../decode/decode-error.ts';
import type { DecodeContext } from '../decode/go-value.ts';
import { inAlphabet } from '../decode/member-order.ts';
import { decodeMetadata } from '../decode/object.ts';
import type { Resource, Strategy, Subresource } from '../registry/resource.ts';
import { type FieldError, invalidField } from '../status.ts';
import type { Bucket } from '../storage/bucket.ts';
import { copyJson, deepFreeze } from '../storage/freeze.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { customPrinter } from '../table/custom.ts';
import { compileJsonPath } from '../table/json-path.ts';
import { readPath, splitPath } from './scale-path.ts';

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const statusVerbs = ['get', 'patch', 'update'];

/** One served version of a CustomResourceDefinition as a resource. */
export function customResource(crd: KubeObject, version: Fields, bucket: Bucket): Resource {
  const { group, scope } = crd['spec'];
  const names = crd['status'].acceptedNames;
  const raw: Record<string, unknown> = version['schema']?.openAPIV3Schema ?? {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
  };
  const structural = structuralFromOpenApi(raw);
  const schema = customResourceSchema(structural);
  const apiVersion = `${group}/${version['name']}`;
  const stored = list(crd['spec'].versions).find(({ storage }) => storage)?.['name'] ?? version['name'];
  const hasStatus = version['subresources']?.status !== undefined;
  const read = versionReader(apiVersion, schema, structural);
  const hash = createHash('sha256').update(`${group}/${version['name']}/${names.kind}`).digest().subarray(0, 8);
  return {
    group,
    version: version['name'],
    kind: names.kind,
    listKind: names.listKind,
    plural: names.plural,
    singular: names.singular,
    namespaced: scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    subresources: subresourcesOf(version, { group, version: version['name'], kind: names.kind }),
    hasStatus,
    storageVersionHash: hash.toString('base64'),
    bucket,
    strategy: strategyOf(version, hasStatus),
    builtin: false,
    ...(version['deprecated']
      ? { deprecation: version['deprecationWarning'] ?? `${apiVersion} ${names.kind} is deprecated` }
      : {}),
    decode: (value, context) => decode(value, context, { apiVersion, kind: names.kind, schema, structural }),
    inOrder: inAlphabet,
    toStored: (object) =>
      object.apiVersion === `${group}/${stored}` ? object : { ...object, apiVersion: `${group}/${stored}` },
    fromStored: read,
    schema: () => schema,
    printer: () => customPrinter(version),
    selectable: new Set(list(version['selectableFields']).map(({ jsonPath }) => jsonPath.replace(/^\./, ''))),
    custom: {
      validate: (object, old) => [
        ...validate(object, old, structural),
        ...scaleProblems(object, version['subresources']?.scale),
      ],
      ...(version['subresources']?.scale ? { scale: version['subresources'].scale } : {}),
      isTerminating: () => crd.metadata.deletionTimestamp !== undefined,
      openApi: () => raw,
    },
  };
}

function subresourcesOf(version: Fields, own: { group: string; version: string; kind: string }): Subresource[] {
  const { status, scale } = version['subresources'] ?? {};
  return [
    ...(status ? [{ name: 'status', ...own, group: '', version: '', verbs: statusVerbs }] : []),
    ...(scale ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: statusVerbs }] : []),
  ];
}

function strategyOf(version: Fields, hasStatus: boolean): Strategy {
  const selectable = list(version['selectableFields']).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    find: compileJsonPath(jsonPath),
  }));
  return {
    generation: 'object',
    requiresVersion: true,
    prepareForCreate(object) {
      if (hasStatus) delete object['status'];
    },
    selectableFields(object) {
      return Object.fromEntries(selectable.map(({ name, find }) => [name, String(find?.(object)[0] ?? '')]));
    },
  };
}

interface Shape {
  apiVersion: string;
  kind: string;
  schema: Schema;
  structural: Schema;
}

/** Prunes, decodes the metadata and fills in defaults, in the API server's order. */
function decode(value: unknown, context: DecodeContext, { apiVersion, kind, schema, structural }: Shape): KubeObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GoDecodeError('json: cannot unmarshal the body into an object');
  }
  reportDuplicates(value, '', context);
  const { value: pruned, pruned: unknown } = pruneUnknown(value as JsonValue, schema);
  for (const path of unknown) context.strict.push(`unknown field ${JSON.stringify(path)}`);
  checkEmbedded(pruned, structural, '');
  const { metadata, ...rest } = pruned as unknown as KubeObject;
  const defaulted = applyDefaults(copyJson(rest) as unknown as JsonValue, structural) as unknown as Omit<
    KubeObject,
    'metadata'
  >;
  return { ...defaulted, apiVersion, kind, metadata: decodeMetadata(metadata) };
}

/** The metadata of embedded resources has to be metadata. */
function checkEmbedded(value: unknown, schema: Schema | undefined, path: string): void {
  if (typeof value !== 'object' || value === null || schema === undefined) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkEmbedded(item, schema.items, `${path}[${index}]`);
    return;
  }
  if (schema.embeddedResource && 'metadata' in value) readEmbedded(value.metadata, `${path}.metadata`);
  for (const [key, item] of Object.entries(value)) {
    checkEmbedded(item, memberSchema(schema, key), path === '' ? key : `${path}.${key}`);
  }
}

function readEmbedded(metadata: unknown, path: string): void {
  try {
    decodeMetadata(metadata);
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error;
    throw new GoDecodeError(`${path}: Invalid value: ${marshalGo(metadata)}: ${error.message}`, { cause: error });
  }
}

function reportDuplicates(value: unknown, path: string, { strict, duplicates }: DecodeContext): void {
  if (!duplicates || typeof value !== 'object' || value === null) return;
  const names = duplicates.get(value);
  for (const [key, item] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key;
    if (names?.has(key)) strict.push(`duplicate field ${JSON.stringify(at)}`);
    reportDuplicates(item, at, { strict, duplicates });
  }
}

/** Stored objects as this version shows them: pruned and defaulted by its schema. Each is converted once. */
function versionReader(apiVersion: string, schema: Schema, structural: Schema): (object: KubeObject) => KubeObject {
  const known = new WeakMap<KubeObject, KubeObject>();
  return (object) => {
    let shown = known.get(object);
    if (!shown) {
      shown = deepFreeze(convert(object, apiVersion, schema, structural));
      known.set(object, shown);
    }
    return shown;
  };
}

function convert(object: KubeObject, apiVersion: string, schema: Schema, structural: Schema): KubeObject {
  const { metadata, ...content } = object;
  const { value } = pruneUnknown(content as unknown as JsonValue, schema);
  const shown = applyDefaults(value, structural) as unknown as Omit<KubeObject, 'metadata'>;
  if (shown === (content as unknown) && object.apiVersion === apiVersion) return object;
  return { ...shown, apiVersion, metadata } as KubeObject;
}

function validate(object: KubeObject, old: KubeObject | undefined, structural: Schema): FieldError[] {
  const oldValue = old as unknown as JsonValue | undefined;
  return validateValue(object as unknown as JsonValue, structural, oldValue === undefined ? {} : { oldValue });
}

/** The numbers that the scale subresource shows have to be numbers. */
function scaleProblems(object: KubeObject, scale: Fields | undefined): FieldError[] {
  if (!scale) return [];
  return [scale['specReplicasPath'], scale['statusReplicasPath']].flatMap((path: string) => {
    const value = readPath(object, splitPath(path));
    if (value === undefined || value === null) return [];
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      const shown = `${path} accessor error: ${printGo(value)} is of the type ${goTypeOf(value)}, expected int64`;
      return [invalidField(path, 0, shown)];
    }
    return value < 0 ? [invalidField(path, value, 'should be a non-negative integer')] : [];
  });
}

function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  return { string: 'string', boolean: 'bool', number: 'float64' }[typeof value as string] ?? 'map[string]interface {}';
}
