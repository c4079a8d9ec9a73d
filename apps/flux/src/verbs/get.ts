import type { CommandNode } from '../command/command.ts';
import { boolFlag, type FlagValues, stringFlag } from '../command/flag.ts';
import { defineVerb } from './define-verb.ts';

/** Flags of every `get` command. */
export const getFlags = {
  'all-namespaces': boolFlag('list the requested object(s) across all namespaces', { short: 'A' }),
  'label-selector': stringFlag('filter objects by label selector', { short: 'l' }),
  'no-header': boolFlag('skip the header when printing the results'),
  'status-selector': stringFlag(
    'specify the status condition name and the desired state to filter the get result, e.g. ready=false or ready!=true',
  ),
  watch: boolFlag('After listing/getting the requested object, watch for changes.', { short: 'w' }),
};

export type GetFlags = FlagValues<typeof getFlags>;

const all: CommandNode = {
  name: 'all',
  summary: 'Get all resources and statuses',
  load: async () => (await import('../get/all.ts')).getAll(() => true),
};

const allSources: CommandNode = {
  name: 'all',
  summary: 'Get all source statuses',
  load: async () => (await import('../get/all.ts')).getAll(({ kind }) => kind.group.startsWith('source.')),
};

export const get = defineVerb({
  verb: 'get',
  doc: 'The get sub-commands print the statuses of Flux resources.',
  summary: ({ kind }) => `Get ${kind.cli.title} statuses`,
  groupSummary: (name) => `Get ${name.replace(/s$/, '')} statuses`,
  usage: '',
  example: ({ kind }) => {
    const words = `flux get ${kind.cli.listCommand.join(' ')}`;
    return `  # List objects and their status\n  ${words}\n\n  # List those of all namespaces\n  ${words} --all-namespaces`;
  },
  persistentFlags: getFlags,
  flags: { 'show-source': boolFlag('show the source reference for each resource') },
  hasFlag: ({ columns }) => columns.some(({ name }) => name === 'SOURCE'),
  extra: { '': [all], sources: [allSources] },
  async run(context, target) {
    const { printKind } = await import('../get/print-kind.ts');
    await printKind(context, target.view, { ...target.flags, name: target.args[0] });
  },
});
