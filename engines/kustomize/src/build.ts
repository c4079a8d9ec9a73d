import type { JsonObject } from '@flux/apimachinery';
import type { ReadableFileSystem } from '@flux/fs';
import { formatYaml } from '@flux/yaml';
import { accumulate } from './accumulate.ts';
import { CopyBudget } from './copy-budget.ts';
import { describeResource } from './describe-resource.ts';
import { BuildError } from './errors.ts';
import { finishResources } from './finish/finish.ts';
import { addHashSuffixes } from './finish/hash-suffix.ts';
import { fixNameReferences } from './finish/name-references.ts';
import { type Reorder, sortResources } from './finish/sort-order.ts';
import { resolveVariables } from './finish/variables.ts';
import type { ChartRenderer } from './loader/charts.ts';
import { Loader, type LoaderSettings } from './loader/loader.ts';
import { RemoteCache, type RemoteLoader, RemotePending } from './loader/remote.ts';
import { checkMetadata } from './manifest.ts';
import { SchemaSet } from './merge/schema.ts';
import { rootOrigin } from './origin.ts';
import type { Resource } from './resource.ts';
import { type BuildState, emptyAccumulation, openTarget, useOpenApi } from './target.ts';

export interface BuildOptions {
  /** Order of the result when the file has no `sortOptions`; `unspecified` is kustomize's default, the legacy order. */
  readonly reorder?: Reorder;
  /** `rootOnly` (the default) keeps files in or below the kustomization's folder; bases may lie anywhere. */
  readonly loadRestrictions?: 'rootOnly' | 'none';
  /** Labels every resource as managed by kustomize. */
  readonly managedByLabel?: boolean;
  /** Fetches URLs; without it a remote resource is an error. */
  readonly remote?: RemoteLoader;
  /** Renders `helmCharts`; without it they are refused. */
  readonly charts?: ChartRenderer;
  readonly onWarning?: (message: string) => void;
  /** Missing files are reported in the words of the operating system; for file systems that lie on disk. */
  readonly diskMessages?: boolean;
  /** Built-in schemas stay in use beside those of `openapi` (as the Flux controllers do). */
  readonly keepBuiltinSchemas?: boolean;
}

const maxKustomizations = 10_000;
const maxRemotes = 200;

/** Builds the kustomization in a folder of `fs`: kustomize 5.8, byte for byte, without running any program. */
export async function build(fs: ReadableFileSystem, path: string, options: BuildOptions = {}): Promise<Resource[]> {
  const remotes = new RemoteCache(options.remote, options.charts);
  for (let attempts = 0; attempts <= maxRemotes; attempts++) {
    try {
      return buildWith(fs, path, options, remotes);
    } catch (error) {
      if (!(error instanceof RemotePending)) throw error;
      await error.fetch();
    }
  }
  throw new BuildError(`more than ${maxRemotes} remote resources in one build`);
}

/** One attempt with what was fetched so far; throws `RemotePending` when more is needed. */
function buildWith(fs: ReadableFileSystem, path: string, options: BuildOptions, remotes: RemoteCache): Resource[] {
  const settings: LoaderSettings = {
    rootOnly: options.loadRestrictions !== 'none',
    remotes,
    diskMessages: options.diskMessages ?? false,
  };
  const warn = options.onWarning ?? (() => undefined);
  const schemas = new SchemaSet(options.keepBuiltinSchemas ?? false);
  const state: BuildState = { schemas, copies: new CopyBudget(), warn, accumulate, remaining: maxKustomizations };
  try {
    return buildRoot(Loader.open(fs, path, settings), state, options);
  } catch (error) {
    // Only hostile nesting exhausts the stack.
    if (error instanceof RangeError) throw new BuildError('the manifests are nested too deeply', { cause: error });
    throw error;
  }
}

function buildRoot(loader: Loader, state: BuildState, options: BuildOptions): Resource[] {
  const opened = openTarget(loader, state, { origin: undefined, outerNamespace: '' });
  useOpenApi(opened);
  const { buildMetadata, sortOptions } = opened.kustomization;
  const target = buildMetadata.length === 0 ? opened : { ...opened, origin: rootOrigin };
  const { resources, config, variables } = accumulate(target, emptyAccumulation());
  addHashSuffixes(resources);
  fixNameReferences(resources, config);
  const unused = resolveVariables(resources, variables, config, state.copies);
  if (unused.length > 0) state.warn(`well-defined vars that were never replaced: ${unused.join(',')}\n`);
  resources.replaceAll(resources.resources.filter(isDeployed));
  resources.checkUnique();
  sortResources(resources, sortOptions, options.reorder ?? 'unspecified');
  finishResources(resources, {
    managedBy: (options.managedByLabel ?? false) || buildMetadata.includes('managedByLabel'),
    keepOrigins: buildMetadata.includes('originAnnotations'),
    keepTransformations: buildMetadata.includes('transformerAnnotations'),
  });
  for (const { defect } of resources.resources) if (defect !== undefined) throw new BuildError(defect);
  return [...resources.resources];
}

/** Resources marked as local configuration take part in the build but not in its result. */
function isDeployed(resource: Resource): boolean {
  if (!resource.isEmpty && (resource.kind === '' || resource.name === '')) checkMetadata(describeResource(resource));
  const local = resource.annotation('config.kubernetes.io/local-config');
  return !resource.isEmpty && (local === undefined || local === 'false');
}

/** The result as YAML documents in build order, keys sorted (KUS-BUILD-07). */
export function resourcesToYaml(resources: readonly Resource[]): string {
  return resources.map(({ object }) => formatYaml(object)).join('---\n');
}

/** The result as plain objects. */
export function resourcesToObjects(resources: readonly Resource[]): JsonObject[] {
  return resources.map(({ object }) => object);
}
