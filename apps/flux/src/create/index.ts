import { defineGroup } from '../command/command.ts';
import { createFlags, createSourceFlags } from './flags.ts';

const { export: _export, interval: _interval, label: _label, ...sourceOnly } = createSourceFlags;

const source = defineGroup({
  doc: 'The create source sub-commands generate sources.',
  persistentFlags: sourceOnly,
  children: [
    {
      name: 'git',
      summary: 'Create or update a GitRepository source',
      load: async () => (await import('./git-repository.ts')).default,
    },
    {
      name: 'helm',
      summary: 'Create or update a HelmRepository source',
      load: async () => (await import('./helm-repository.ts')).default,
    },
    {
      name: 'chart',
      summary: 'Create or update a HelmChart source',
      load: async () => (await import('./helm-chart.ts')).default,
    },
  ],
});

/** `flux create`: each kind has its own flags and so a file of its own. */
export const create = defineGroup({
  doc: 'The create sub-commands generate sources and resources.',
  persistentFlags: createFlags,
  children: [
    {
      name: 'helmrelease',
      aliases: ['hr'],
      summary: 'Create or update a HelmRelease resource',
      load: async () => (await import('./helm-release.ts')).default,
    },
    {
      name: 'kustomization',
      aliases: ['ks'],
      summary: 'Create or update a Kustomization resource',
      load: async () => (await import('./kustomization.ts')).default,
    },
    { name: 'source', summary: 'Create or update sources', load: async () => source },
  ],
});
