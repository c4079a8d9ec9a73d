/**
 * helm-controller: brings charts into a cluster as Helm releases and keeps them as declared. Start with
 * `helm-release/reconcile.ts`, then `release-loop.ts` beside it; `helmReleaseController` is what a process runs.
 */
export { type HelmReleaseController, helmReleaseController } from './helm-release/controller.ts';
export { defaultSettings, type HelmSettings } from './helm-release/settings.ts';
