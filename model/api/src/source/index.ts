/** Kinds of source.toolkit.fluxcd.io. */
export * from './git-repository.ts';
