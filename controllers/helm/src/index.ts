/**
 * helm-controller: brings charts into a cluster as Helm releases and keeps them as declared. Start with
 * `helm-release/reconcile.ts`, then `release-loop.ts` beside it; `helmReleaseController` is what a process runs, and
 * `renderHelmRelease` what those call who only look.
 */
export { ChartCache } from './charts/chart-cache.ts';
export { lookupIn, readCapabilities } from './helm-release/actions/cluster-facts.ts';
export { type HelmReleaseController, helmReleaseController } from './helm-release/controller.ts';
export { objectsOf } from './helm-release/manifest/manifest-objects.ts';
export { placeObjects } from './helm-release/manifest/place-objects.ts';
export { releaseNameOf, releaseNamespaceOf, storageNamespaceOf } from './helm-release/names.ts';
export { type RenderReleaseOptions, renderHelmRelease } from './helm-release/render-release.ts';
export { defaultSettings, type HelmSettings } from './helm-release/settings.ts';
export { sourceRefOf } from './helm-release/steps/resolve-source.ts';
