import { FluxError } from '@flux/errors';
import type { ReadableFileSystem, WritableFileSystem } from '@flux/fs';
import { formatYaml } from '@flux/yaml';
import { build } from '../build.ts';
import { BuildError, messageOf } from '../errors.ts';
import type { RemoteLoader } from '../loader/remote.ts';
import type { Resource } from '../resource.ts';
import { type GenerateOptions, generateKustomization } from './generate.ts';
import type { FluxKustomizationSpec } from './kustomization-spec.ts';

export interface FluxBuildOptions {
  /** Fetches remote bases; absent means that any remote reference fails (`--no-remote-bases`, KUS-BUILD-02). */
  readonly remote?: RemoteLoader;
  readonly onWarning?: (message: string) => void;
}

/**
 * Builds as the kustomize-controller does: files may lie anywhere below the root of `fs`, which must confine its paths,
 * plugins are off, and failures start with `kustomize build failed: ` (KUS-BUILD-01..05).
 */
export async function buildFlux(
  fs: ReadableFileSystem,
  path: string,
  options: FluxBuildOptions = {},
): Promise<Resource[]> {
  let resources: Resource[];
  try {
    resources = await build(fs, path, {
      ...options,
      reorder: 'none',
      loadRestrictions: 'none',
      keepBuiltinSchemas: true,
      diskMessages: true,
    });
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new BuildError(`kustomize build failed: ${messageOf(error)}`, { cause: error });
  }
  for (const resource of resources) requireIdentity(resource);
  return resources;
}

/** Generates the kustomization file, then builds: what a Flux Kustomization's `path` and spec come to. */
export async function generateAndBuild(
  fs: WritableFileSystem,
  path: string,
  spec: FluxKustomizationSpec,
  options: FluxBuildOptions & GenerateOptions = {},
): Promise<Resource[]> {
  generateKustomization(fs, path, spec, options);
  return buildFlux(fs, path, options);
}

/** KUS-BUILD-06. */
function requireIdentity(resource: Resource): void {
  const { apiVersion, kind, name, object } = resource;
  if (apiVersion !== '' && kind !== '' && (name !== '' || kind.endsWith('List'))) return;
  throw new BuildError(`failed to decode Kubernetes apiVersion, kind and name from: ${formatYaml(object)}`);
}
