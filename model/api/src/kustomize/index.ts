/** Kinds of kustomize.toolkit.fluxcd.io. */
export * from './kustomization.ts';
