/**
 * kustomize-controller: brings the manifests of a source into a cluster and keeps them there. Start with
 * `kustomization/reconcile.ts`; `kustomizationController` is what a process runs.
 */
export { buildManifests } from './build/build-manifests.ts';
export { type RemoteBases, remoteBases } from './build/remote-bases.ts';
export { type KustomizationController, kustomizationController } from './kustomization/controller.ts';
export { defaultSettings, type KustomizeSettings } from './kustomization/settings.ts';
