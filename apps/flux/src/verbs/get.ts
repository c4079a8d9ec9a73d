import type { CommandNode } from '../command/command.ts';
import { boolFlag } from '../command/flag.ts';
import { getFlags } from '../get/flags.ts';
import { defineVerb } from './define-verb.ts';

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
