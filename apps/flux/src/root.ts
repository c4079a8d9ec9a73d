import { type CommandNode, defineGroup } from './command/command.ts';
import { globalFlags } from './global-flags.ts';

/** The commands of `flux`. Listing them loads none of them. */
const commands: readonly CommandNode[] = [
  {
    name: 'backup',
    summary: 'Write an archive of the state of Flux',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  { name: 'build', summary: 'Build a flux resource', load: async () => (await import('./commands/build.ts')).build },
  {
    name: 'check',
    summary: 'Check requirements and installation',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'completion',
    summary: 'Generates completion scripts for various shells',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  {
    name: 'create',
    summary: 'Create or update sources and resources',
    load: async () => (await import('./create/index.ts')).create,
  },
  { name: 'debug', summary: 'Debug a flux resource', load: async () => (await import('./commands/debug.ts')).debug },
  {
    name: 'delete',
    summary: 'Delete sources and resources',
    load: async () => (await import('./verbs/delete.ts')).deleteVerb,
  },
  { name: 'diff', summary: 'Diff a flux resource', load: async () => (await import('./commands/diff.ts')).diff },
  {
    name: 'down',
    summary: 'Stop the local cluster that up started',
    load: async () => (await import('./commands/down.ts')).down,
  },
  {
    name: 'envsubst',
    summary: 'envsubst substitutes the values of environment variables',
    load: async () => (await import('./commands/envsubst.ts')).envsubst,
  },
  {
    name: 'events',
    summary: 'Display Kubernetes events for Flux resources',
    load: async () => (await import('./commands/events.ts')).events,
  },
  {
    name: 'export',
    summary: 'Export resources in YAML format',
    load: async () => (await import('./verbs/export.ts')).exportVerb,
  },
  {
    name: 'get',
    summary: 'Get the resources and their status',
    load: async () => (await import('./verbs/get.ts')).get,
  },
  {
    name: 'install',
    summary: 'Install or upgrade Flux',
    load: async () => (await import('./commands/install.ts')).install,
  },
  {
    name: 'logs',
    summary: 'Display formatted logs for Flux components',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  {
    name: 'manager',
    summary: 'Run the Flux controllers',
    load: async () => (await import('./commands/manager.ts')).manager,
  },
  {
    name: 'reconcile',
    summary: 'Reconcile sources and resources',
    load: async () => (await import('./verbs/reconcile.ts')).reconcile,
  },
  {
    name: 'restore',
    summary: 'Bring the state of an archive into a cluster',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
  {
    name: 'resume',
    summary: 'Resume suspended resources',
    load: async () => (await import('./verbs/resume.ts')).resume,
  },
  { name: 'stats', summary: 'Stats of Flux reconciles', load: async () => (await import('./commands/stats.ts')).stats },
  { name: 'suspend', summary: 'Suspend resources', load: async () => (await import('./verbs/suspend.ts')).suspend },
  {
    name: 'trace',
    summary: 'Trace in-cluster objects throughout the GitOps delivery pipeline',
    load: async () => (await import('./commands/trace.ts')).trace,
  },
  {
    name: 'tree',
    summary: 'Print the resources reconciled by Flux',
    load: async () => (await import('./commands/tree.ts')).tree,
  },
  {
    name: 'uninstall',
    summary: 'Uninstall Flux and its custom resource definitions',
    load: async () => (await import('./commands/uninstall.ts')).uninstall,
  },
  {
    name: 'up',
    summary: 'Run a cluster, a Git server and Flux on this machine',
    load: async () => (await import('./commands/up.ts')).up,
  },
  {
    name: 'version',
    summary: 'Print the client and server-side components version information.',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
];

const doc = `
Command line utility for assembling Kubernetes CD pipelines the GitOps way.`;

const example = `  # Run a cluster, a Git server and Flux on this machine
  flux up

  # Check prerequisites
  flux check --pre

  # Install the latest version of Flux
  flux install

  # Create a source for a public Git repository
  flux create source git webapp-latest \\
    --url=https://github.com/stefanprodan/podinfo \\
    --branch=master \\
    --interval=3m

  # List GitRepository sources and their status
  flux get sources git

  # Create a Kustomization for deploying a series of microservices
  flux create kustomization webapp-dev \\
    --source=webapp-latest \\
    --path="./deploy/webapp/" \\
    --prune=true \\
    --interval=5m

  # Fetch the Kustomization's source and apply the changes
  flux reconcile kustomization webapp-dev --with-source

  # Uninstall Flux and delete CRDs
  flux uninstall`;

export const root: CommandNode = {
  name: 'flux',
  summary: '',
  load: async () =>
    defineGroup({
      doc,
      example,
      persistentFlags: globalFlags,
      children: [
        ...commands,
        {
          name: 'help',
          summary: 'Help about any command',
          load: async () => (await import('./commands/help.ts')).helpCommand,
        },
        {
          name: '__complete',
          summary: 'Request shell completion choices for the specified command-line',
          hidden: true,
          load: async () => (await import('./commands/complete.ts')).completeCommand,
        },
      ],
    }),
};
