import { helmRelease } from './helm/index.ts';
import type { Kind } from './kind.ts';
import { kustomization } from './kustomize/index.ts';
import { gitRepository, helmChart, helmRepository } from './source/index.ts';

/** Every kind of Flux, sources first. */
export const kinds: readonly Kind[] = [gitRepository, helmRepository, helmChart, kustomization, helmRelease];

/** The kind that serves an object's group, version and kind. */
export function findKind(object: { apiVersion: string; kind: string }): Kind | undefined {
  return kinds.find((kind) => kind.serves(object));
}
