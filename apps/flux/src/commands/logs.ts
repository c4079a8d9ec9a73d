import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, durationFlag, enumFlag, type FlagValues, intFlag, stringFlag } from '../command/flag.ts';

const flags = {
  'all-namespaces': boolFlag('displays logs for objects across all namespaces', { short: 'A' }),
  'flux-namespace': stringFlag('the namespace where the Flux components are running', { default: 'flux-system' }),
  follow: boolFlag('specifies if the logs should be streamed', { short: 'f' }),
  kind: stringFlag('displays errors of a particular toolkit kind e.g GitRepository'),
  level: enumFlag('log level, available options are: (debug, info, error)', ['debug', 'info', 'error'], {
    refuse: (text) => `unsupported log level '${text}', must be one of: debug, info, error`,
  }),
  name: stringFlag('specifies the name of the object logs to be displayed'),
  since: durationFlag(
    'Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs. Only one of since-time / since may be used.',
  ),
  'since-time': stringFlag(
    'Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of since-time / since may be used.',
  ),
  tail: intFlag('lines of recent log file to display', { default: -1 }),
};

export type LogFlags = FlagValues<typeof flags>;

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
  flags,
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
