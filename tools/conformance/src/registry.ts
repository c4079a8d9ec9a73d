import type { RunSuite } from './outcome.ts';

export interface Suite {
  name: string;
  /** Own recordings are in the repository; the others hold other projects' files and are read in place. */
  own: boolean;
  load: () => Promise<RunSuite>;
}

/** Every suite of recorded cases. */
export const suites: readonly Suite[] = [
  { name: 'seed', own: true, load: async () => (await import('./suites/seed.ts')).run },
  { name: 'crds', own: false, load: async () => (await import('./suites/crds.ts')).run },
  { name: 'kustomize', own: false, load: async () => (await import('./suites/kustomize.ts')).run },
  { name: 'scenarios', own: true, load: async () => (await import('./suites/scenarios.ts')).run },
  { name: 'kube-api', own: true, load: async () => (await import('./suites/kube-api.ts')).run },
  { name: 'envsubst', own: true, load: async () => (await import('./suites/envsubst.ts')).run },
  { name: 'semver', own: true, load: async () => (await import('./suites/semver.ts')).run },
  { name: 'flux-cli', own: false, load: async () => (await import('./suites/flux-cli.ts')).run },
  { name: 'gotemplate', own: true, load: async () => (await import('./suites/gotemplate.ts')).run },
  { name: 'helm', own: false, load: async () => (await import('./suites/helm.ts')).run },
  { name: 'helm-values', own: true, load: async () => (await import('./suites/helm-values.ts')).run },
  { name: 'flux-values', own: true, load: async () => (await import('./suites/flux-values.ts')).run },
];
