/**
 * The Flux API, declared once: each kind (`gitRepository`, `kustomization`) carries its schema, versions, printer columns and
 * command line words; types, CRDs and reference pages come from it. Start with `kinds.ts`, then `source/git-repository.ts`.
 */
export type { Condition } from '@flux/apimachinery';
export * from './annotations.ts';
export { crdOf, unionForm, versionSchema } from './crd.ts';
export * from './helm/index.ts';
export {
  type CliVerb,
  defineKind,
  type Kind,
  type KindCli,
  type KindVersion,
  type ObjectOf,
  type PrinterColumn,
} from './kind.ts';
export { findKind, kinds } from './kinds.ts';
export * from './kustomize/index.ts';
export { manifestOf } from './manifest.ts';
export { type SchemaForm, toOpenApi } from './schema/open-api.ts';
export type { Infer, Schema, SchemaNode } from './schema/schema.ts';
export type { Artifact } from './shared/artifact.ts';
export type { LocalObjectReference, ObjectSelector } from './shared/references.ts';
export * from './source/index.ts';
