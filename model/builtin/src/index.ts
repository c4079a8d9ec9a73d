/**
 * The kinds that kube-apiserver serves without CRDs, as data: discovery facts, schemas with merge rules, OpenAPI definitions.
 * Everything is generated from a running server (`tools/gen/src/builtin.ts`) and read on first use; start with `kind.ts`.
 */

export { internalForm } from './internal-types.ts';
export {
  type BuiltinColumn,
  type BuiltinKind,
  type BuiltinSubresource,
  builtinKinds,
  findBuiltinKind,
  findBuiltinResource,
  gvkKey,
  kubernetesVersion,
} from './kind.ts';
export { type MergeField, type MergeType, mergeSchema } from './merge-schema.ts';
export { openApiV2Definitions } from './open-api.ts';
export { builtinSchema, customResourceSchema, type OpenApiDefinition, resolveSchema } from './schema.ts';
