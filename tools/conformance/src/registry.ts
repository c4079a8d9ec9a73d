import type { RunSuite } from './outcome.ts';

export interface Suite {
  name: string;
  load: () => Promise<RunSuite>;
}

/** Every suite of recorded cases. */
export const suites: readonly Suite[] = [
  { name: 'seed', load: async () => (await import('./suites/seed.ts')).run },
  { name: 'crds', load: async () => (await import('./suites/crds.ts')).run },
  { name: 'kustomize', load: async () => (await import('./suites/kustomize.ts')).run },
  { name: 'scenarios', load: async () => (await import('./suites/scenarios.ts')).run },
  { name: 'kube-api', load: async () => (await import('./suites/kube-api.ts')).run },
  { name: 'envsubst', load: async () => (await import('./suites/envsubst.ts')).run },
  { name: 'semver', load: async () => (await import('./suites/semver.ts')).run },
  { name: 'flux-cli', load: async () => (await import('./suites/flux-cli.ts')).run },
  { name: 'gotemplate', load: async () => (await import('./suites/gotemplate.ts')).run },
  { name: 'helm', load: async () => (await import('./suites/helm.ts')).run },
  { name: 'helm-values', load: async () => (await import('./suites/helm-values.ts')).run },
  { name: 'flux-values', load: async () => (await import('./suites/flux-values.ts')).run },
];
