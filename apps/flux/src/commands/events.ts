import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, listFlag, stringFlag } from '../command/flag.ts';

const types = ['Normal', 'Warning'];

export const events = defineCommand({
  doc: 'The events sub-command shows Kubernetes events from Flux resources',
  example: `  # Display events for flux resources in default namespace
  flux events -n default

  # Display events for flux resources in all namespaces
  flux events -A

  # Display events for a Kustomization named podinfo
  flux events --for Kustomization/podinfo`,
  flags: {
    'all-namespaces': boolFlag('display events from Flux resources across all namespaces', { short: 'A' }),
    for: stringFlag('get events for a particular object'),
    types: listFlag('filter events for certain types (valid types are: Normal, Warning)'),
    watch: boolFlag('indicate if the events should be streamed', { short: 'w' }),
  },
  async run(context, { flags }) {
    const wanted = flags.types.map((type) => {
      const known = types.find((each) => each.toLowerCase() === type.toLowerCase());
      if (!known) throw new UsageError(`type '${type}' not supported. Supported types are Normal, Warning`);
      return known;
    });
    const { printEvents } = await import('../events/print-events.ts');
    await printEvents(context, {
      allNamespaces: flags['all-namespaces'],
      subject: flags.for,
      types: wanted,
      watch: flags.watch,
    });
  },
});
