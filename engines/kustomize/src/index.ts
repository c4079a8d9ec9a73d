/**
 * `kustomize build` without kustomize: bases, components, generators, patches and all other fields of the kustomization
 * API turn the files of a folder into resources, byte for byte as kustomize 5.8 does. Start with `build` and
 * `resourcesToYaml`; Flux's own generator and secure build lie in `flux/`.
 */
export { type BuildOptions, build, resourcesToObjects, resourcesToYaml } from './build.ts';
export { BuildError } from './errors.ts';
export { buildFlux, type FluxBuildOptions, generateAndBuild } from './flux/build-flux.ts';
export {
  type Generated,
  type GenerateOptions,
  generateKustomization,
  isLocalRelativePath,
} from './flux/generate.ts';
export type { FluxImage, FluxKustomizationSpec, FluxSelector } from './flux/kustomization-spec.ts';
export type { ChartRenderer, ChartRequest, ChartSource } from './loader/charts.ts';
export type { RemoteLoader } from './loader/remote.ts';
export { parseRepository, type RepositorySpec } from './loader/repository.ts';
export type { Resource } from './resource.ts';
export { formatId, type ResourceId } from './resource-id.ts';
