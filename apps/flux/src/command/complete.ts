import type { Context } from '../context.ts';
import type { CommandNode, ResolvedCommand } from './command.ts';
import { findCommand } from './find-command.ts';
import type { Flag } from './flag.ts';
import { parseFlags } from './parse-flags.ts';

/** What a shell may do besides offering the candidates; cobra's numbers. */
export const directives = { default: 0, noFiles: 4 } as const;

interface Completion {
  candidates: readonly string[];
  directive: number;
}

/** What could stand in place of the last word, given the words before it. */
export async function complete(
  root: CommandNode,
  words: readonly string[],
  contextFor: (resolved: ResolvedCommand, values: Readonly<Record<string, unknown>>) => Promise<Context>,
): Promise<Completion> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { found, rest } = await findCommand(root, before);
  const flags = new Map([...found.inherited, ...found.local]);
  const pending = pendingFlag(rest.at(-1), flags);
  if (pending) return choicesOf(pending, typed, '');
  if (typed.startsWith('-')) return completeFlag(typed, flags);
  const children = (found.command.children ?? []).filter(({ hidden, name }) => !hidden && name.startsWith(typed));
  if (found.command.children) {
    return { candidates: children.map(({ name, summary }) => `${name}\t${summary}`), directive: directives.noFiles };
  }
  const { command } = found;
  if (!command.complete) return { candidates: [], directive: directives.default };
  const { values, changed, args } = parseFlags(rest, flags);
  const context = await contextFor(found, values);
  const input = { args, root, flags: values, changed: (name: string) => changed.has(name) };
  return { candidates: await command.complete(context, input, typed), directive: directives.noFiles };
}

function pendingFlag(word: string | undefined, flags: ReadonlyMap<string, Flag>): Flag | undefined {
  if (!word?.startsWith('-') || word.includes('=')) return undefined;
  const flag = word.startsWith('--')
    ? flags.get(word.slice(2))
    : [...flags.values()].find(({ short }) => word === `-${short}`);
  return flag?.implied === undefined ? flag : undefined;
}

function choicesOf({ choices }: Flag, typed: string, prefix: string): Completion {
  if (!choices) return { candidates: [], directive: directives.default };
  const candidates = choices.filter((choice) => choice.startsWith(typed)).map((choice) => prefix + choice);
  return { candidates, directive: directives.noFiles };
}

function completeFlag(typed: string, flags: ReadonlyMap<string, Flag>): Completion {
  const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(typed) ?? [];
  const given = flags.get(name);
  if (value !== undefined) {
    return given ? choicesOf(given, value, `--${name}=`) : { candidates: [], directive: directives.default };
  }
  const candidates = [...flags]
    .filter(([each, { hidden }]) => !hidden && `--${each}`.startsWith(typed))
    .map(([each, { doc }]) => `--${each}\t${doc}`)
    .sort();
  return { candidates, directive: directives.noFiles };
}
