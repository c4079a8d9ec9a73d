import { defineGroup } from '../command/command.ts';

export const build = defineGroup({
  doc: 'The build command is used to build flux resources.',
  children: [
    {
      name: 'chart',
      summary: 'Build a Helm chart',
      load: async () => (await import('./build-chart.ts')).buildChart,
    },
    {
      name: 'dir',
      summary: 'Build a kustomization folder',
      load: async () => (await import('./build-dir.ts')).buildDir,
    },
    {
      name: 'helmrelease',
      aliases: ['hr'],
      summary: 'Build HelmRelease',
      load: async () => (await import('./build-helmrelease.ts')).buildHelmRelease,
    },
    {
      name: 'kustomization',
      aliases: ['ks'],
      summary: 'Build Kustomization',
      load: async () => (await import('./build-kustomization.ts')).buildKustomization,
    },
  ],
});
