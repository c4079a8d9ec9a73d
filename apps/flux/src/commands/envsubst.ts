import { evaluate } from '@flux/envsubst';
import { defineCommand } from '../command/command.ts';
import { boolFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';

export const envsubst = defineCommand({
  doc: `The envsubst command substitutes the values of environment variables in the
string piped as standard input and writes the result to the standard output. This command can be used
to replicate the behavior of the Flux Kustomization post-build substitutions.`,
  example: '  # Run env var substitutions on the kustomization build output\n  kustomize build . | flux envsubst',
  takes: { max: 0 },
  flags: {
    strict: boolFlag(
      'fail if a variable without a default value is declared in the input but is missing from the environment',
    ),
  },
  async run(context, { flags }) {
    for await (const line of linesOf(context)) {
      context.out.data(evaluate(line, (name) => context.env[name], { strict: flags.strict }));
    }
  },
});

/** Lines with their ends; the last one gets an end, as flux prints it. */
async function* linesOf(context: Context): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of context.stdin()) {
    pending += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = pending.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) yield `${line}\n`;
  }
  if (pending !== '') yield `${pending}\n`;
}
