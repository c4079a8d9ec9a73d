import type { Command, CommandNode, ResolvedCommand } from './command.ts';
import { UsageError } from './errors.ts';
import { boolFlag, type Flag } from './flag.ts';

/** Walks from the root to the command that the words name; what is left are its flags and arguments. */
export async function findCommand(
  root: CommandNode,
  words: readonly string[],
): Promise<{ found: ResolvedCommand; rest: readonly string[] }> {
  let path = [root];
  let command = await root.load();
  let inherited = new Map<string, Flag>();
  let rest = [...words];
  for (;;) {
    const local = localFlags(path, command);
    const at = firstArgument(rest, new Map([...inherited, ...local]));
    const child = at === undefined ? undefined : findChild(command, rest[at] ?? '');
    if (!child || at === undefined) {
      if (at !== undefined && path.length === 1) throw unknownCommand(path, command, rest[at] ?? '');
      return { found: { path, command, local, inherited }, rest };
    }
    inherited = new Map([...inherited, ...Object.entries(command.persistentFlags ?? {})]);
    rest = rest.toSpliced(at, 1);
    path = [...path, child];
    command = await child.load();
  }
}

function findChild(command: Command, word: string): CommandNode | undefined {
  return command.children?.find(({ name, aliases }) => name === word || aliases?.includes(word));
}

export function commandPath(path: readonly CommandNode[]): string {
  return path.map(({ name }) => name).join(' ');
}

function localFlags(path: readonly CommandNode[], command: Command): Map<string, Flag> {
  const name = path.at(-1)?.name ?? '';
  return new Map<string, Flag>([
    ...Object.entries(command.persistentFlags ?? {}),
    ...Object.entries(command.flags ?? {}),
    ['help', boolFlag(`help for ${name}`, { short: 'h' })],
    ...(path.length === 1 ? ([['version', boolFlag(`version for ${name}`, { short: 'v' })]] as const) : []),
  ]);
}

/** Position of the first word that is neither a flag nor, as far as flags are known here, a flag's argument. */
function firstArgument(words: readonly string[], flags: ReadonlyMap<string, Flag>): number | undefined {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') return undefined;
    if (word.length < 2 || !word.startsWith('-')) return at;
    if (takesNextWord(word, flags)) at++;
  }
  return undefined;
}

function takesNextWord(word: string, flags: ReadonlyMap<string, Flag>): boolean {
  if (word.includes('=')) return false;
  if (word.startsWith('--')) return flags.get(word.slice(2))?.implied === undefined;
  const flag = [...flags.values()].find(({ short }) => short === word[1]);
  return word.length === 2 && flag?.implied === undefined;
}

/** cobra's message, with the names that are near. */
function unknownCommand(path: readonly CommandNode[], command: Command, word: string): UsageError {
  const near = (command.children ?? []).filter(
    ({ name, hidden }) => !hidden && (editDistance(word, name) <= 2 || name.startsWith(word.toLowerCase())),
  );
  const hint = near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map(({ name }) => `\t${name}\n`).join('')}`;
  return new UsageError(`unknown command ${JSON.stringify(word)} for "${commandPath(path)}"${hint}`);
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...left.toLowerCase()].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...right.toLowerCase()].entries()) {
      const change = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(change, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
