import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { logFlags } from '../logs/flags.ts';

export const logs = defineCommand({
  doc: 'The logs command displays formatted logs from various Flux components.\nThe controllers of "flux up" write to flux.log beside the kubeconfig; without Flux pods that file is read.',
  example: `  # Print the reconciliation logs of all Flux custom resources in your cluster
  flux logs --all-namespaces

  # Print all logs of all Flux custom resources newer than 2 minutes
  flux logs --all-namespaces --since=2m

  # Stream logs for a particular log level
  flux logs --follow --level=error --all-namespaces

  # Filter logs by kind, name and namespace
  flux logs --kind=Kustomization --name=podinfo --namespace=default`,
  flags: logFlags,
  async run(context, { args, flags: values }) {
    if (args.length > 0) throw new UsageError('no argument required');
    if (values.since > 0 && values['since-time']) {
      throw new UsageError('at most one of `sinceTime` or `sinceDuration` may be specified');
    }
    if (values['since-time'] && Number.isNaN(Date.parse(values['since-time']))) {
      throw new UsageError(`${values['since-time']} is not a valid (RFC3339) time`);
    }
    const { printLogs } = await import('../logs/print-logs.ts');
    await printLogs(context, values);
  },
});
