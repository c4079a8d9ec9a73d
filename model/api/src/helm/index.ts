/** Kinds of helm.toolkit.fluxcd.io. */
export * from './helm-release.ts';
