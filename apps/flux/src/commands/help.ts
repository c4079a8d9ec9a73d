import { defineCommand } from '../command/command.ts';
import { findCommand } from '../command/find-command.ts';
import { formatHelp } from '../command/help.ts';

/** `flux help [command]`. */
export const helpCommand = defineCommand({
  usage: '[command]',
  anyNamespace: true,
  async run({ out }, { args, root }) {
    const { found } = await findCommand(root, args);
    out.data(formatHelp(found));
  },
});
