import { type CommandNode, defineCommand } from '../command/command.ts';
import { findCommand } from '../command/find-command.ts';
import { formatHelp } from '../command/help.ts';

/** `flux help [command]`. The root comes in when it is asked for, because it lists this command. */
export const helpCommand = defineCommand({
  usage: '[command]',
  anyNamespace: true,
  async run({ out }, { args }) {
    const { root }: { root: CommandNode } = await import('../root.ts');
    const { found } = await findCommand(root, args);
    out.data(formatHelp(found));
  },
});
