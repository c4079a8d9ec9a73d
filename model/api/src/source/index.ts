/** Kinds of source.toolkit.fluxcd.io. */
export * from './git-repository.ts';
export * from './helm-chart.ts';
export * from './helm-repository.ts';
