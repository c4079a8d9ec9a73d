import { type HelmRelease, helmRelease } from '@flux/api';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, stringFlag } from '../command/flag.ts';
import { completeNames } from '../complete-names.ts';
import type { Context } from '../context.ts';
import { helmReleaseView } from '../kinds/helm-release.ts';
import { refTo } from '../objects.ts';

const documentation = 'https://fluxcd.io/flux/components/helm/helmreleases';

export const debugHelmRelease = defineCommand({
  usage: '[name]',
  doc: `The debug helmrelease command can be used to troubleshoot failing Helm release reconciliations.
WARNING: This command will print sensitive information if Kubernetes Secrets are referenced in the HelmRelease .spec.valuesFrom field.`,
  example:
    '  # Print the status of a Helm release\n  flux debug hr podinfo --show-status\n\n  # Export the final values of a Helm release composed from referred ConfigMaps and Secrets\n  flux debug hr podinfo --show-values > values.yaml\n\n  # Export the final values of a Helm release of a repository folder, without a cluster\n  flux debug hr podinfo --show-values --path ./clusters/production --dry-run',
  flags: {
    'dry-run': boolFlag('do not connect to the cluster; for values, with --path'),
    path: stringFlag('repository folder with the manifests of the HelmRelease and its values, read before the cluster'),
    'show-history': boolFlag('print the history of the Helm release'),
    'show-status': boolFlag('print the status of the Helm release'),
    'show-values': boolFlag('print the final values of the Helm release'),
  },
  async run(context, { args: [name], flags }) {
    if ([flags['show-history'], flags['show-status'], flags['show-values']].filter(Boolean).length !== 1) {
      throw new UsageError('exactly one of --show-status, --show-values, or --show-history must be set');
    }
    if (!name) throw new UsageError('name is required');
    if (flags['show-values']) return printValues(context, name, flags);
    if (flags.path !== '' || flags['dry-run']) {
      throw new UsageError('--path and --dry-run are for --show-values; status and history are in the cluster');
    }
    const cluster = await context.cluster();
    const object = helmRelease.read(await cluster.get(refTo(helmReleaseView.kind, context.namespace, name)));
    const { formatYaml } = await import('@flux/yaml');
    const text = flags['show-history']
      ? `# History documentation: ${documentation}/#history\n${formatYaml(historyOf(object))}`
      : `# Status documentation: ${documentation}/#helmrelease-status\n${formatYaml(statusOf(object))}`;
    context.out.data(text);
  },
  complete: (context, _, typed) => completeNames(context, helmReleaseView.kind, typed),
});

async function printValues(context: Context, name: string, flags: { path: string; 'dry-run': boolean }): Promise<void> {
  const { openReleaseSource, readReleaseObject, readValues } = await import('../helm-release/read-release.ts');
  const [{ toPlain }, { formatYaml }] = await Promise.all([import('@flux/helm'), import('@flux/yaml')]);
  const source = await openReleaseSource(context, flags.path, flags['dry-run']);
  const object = await readReleaseObject(source, context.namespace, name);
  context.out.data(formatYaml(toPlain(await readValues(source, object))));
}

/** Go prints the empty time of a revision that is not deleted. */
function historyOf({ status }: HelmRelease): object[] {
  return (status?.history ?? []).map((entry) => ({ ...entry, deleted: entry.deleted ?? null }));
}

function statusOf(object: HelmRelease): object {
  const history = historyOf(object);
  return { ...object.status, ...(history.length > 0 ? { history } : {}) };
}
