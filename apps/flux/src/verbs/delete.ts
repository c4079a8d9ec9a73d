import { ExitError, UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import { refTo } from '../objects.ts';
import { defineVerb } from './define-verb.ts';

export const deleteVerb = defineVerb({
  verb: 'delete',
  doc: 'The delete sub-commands delete sources and resources.',
  summary: ({ kind }) => `Delete a ${kind.cli.title}`,
  example: ({ kind }) =>
    `  # Delete an object and let its controller clean up\n  flux delete ${kind.cli.command.join(' ')} podinfo`,
  persistentFlags: { silent: boolFlag('delete resource without asking for confirmation', { short: 's' }) },
  async run({ cluster: open, namespace, out, confirm }, { view: { kind }, args, flags }) {
    const [name] = args;
    if (!name) throw new UsageError(`${kind.cli.noun} name is required`);
    const cluster = await open();
    const ref = refTo(kind, namespace, name);
    await cluster.get(ref);
    if (!flags.silent && !(await confirm(`Are you sure you want to delete this ${kind.cli.noun}`))) {
      throw new ExitError('aborting', 1);
    }
    out.action(`deleting ${kind.cli.noun} ${name} in ${namespace} namespace`);
    await cluster.delete(ref);
    out.success(`${kind.cli.noun} deleted`);
  },
});
