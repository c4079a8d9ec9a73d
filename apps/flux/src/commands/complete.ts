import { defineCommand } from '../command/command.ts';
import { complete, directives } from '../command/complete.ts';

/** `flux __complete words… typed`: what completion scripts call. It never fails: a shell has no use for an error. */
export const completeCommand = defineCommand({
  usage: '[command-line]',
  anyNamespace: true,
  rawArguments: true,
  async run(context, { args, root }) {
    const result = await complete(root, args, async (_, values) => ({
      ...context,
      globals: { ...context.globals, ...values },
      namespace: typeof values['namespace'] === 'string' ? values['namespace'] : context.namespace,
    })).catch(() => ({ candidates: [], directive: directives.noFiles }));
    context.out.data([...result.candidates, `:${result.directive}`].map((line) => `${line}\n`).join(''));
  },
});
