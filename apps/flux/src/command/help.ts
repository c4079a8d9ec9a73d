import type { CommandNode, ResolvedCommand } from './command.ts';
import { commandPath } from './find-command.ts';
import type { Flag } from './flag.ts';

const shortestNameWidth = 11;

/** The help page of a command, in cobra's layout. */
export function formatHelp({ path, command, local, inherited }: ResolvedCommand): string {
  const node = path.at(-1);
  const about = (command.doc ?? node?.summary ?? '').trimEnd();
  const children = (command.children ?? []).filter(({ hidden }) => !hidden);
  const sections = [
    usageSection(path, command.usage, command.run !== undefined, children.length > 0, hasFlags(local, inherited)),
    node?.aliases?.length ? `Aliases:\n  ${[node.name, ...node.aliases].join(', ')}` : '',
    command.example ? `Examples:\n${command.example.trimEnd()}` : '',
    childrenSection(children),
    flagsSection('Flags', local),
    flagsSection('Global Flags', inherited),
    children.length > 0 ? `Use "${commandPath(path)} [command] --help" for more information about a command.` : '',
  ];
  return `${[about, ...sections].filter((section) => section !== '').join('\n\n')}\n`;
}

function usageSection(
  path: readonly CommandNode[],
  usage: string | undefined,
  isRunnable: boolean,
  isGroup: boolean,
  flags: boolean,
): string {
  const words = commandPath(path) + (usage ? ` ${usage}` : '');
  return [
    'Usage:',
    ...(isRunnable ? [`  ${words}${flags ? ' [flags]' : ''}`] : []),
    ...(isGroup ? [`  ${commandPath(path)} [command]`] : []),
  ].join('\n');
}

function hasFlags(...sets: ReadonlyMap<string, Flag>[]): boolean {
  return sets.some((flags) => [...flags.values()].some(({ hidden }) => !hidden));
}

function childrenSection(children: readonly CommandNode[]): string {
  if (children.length === 0) return '';
  const width = Math.max(shortestNameWidth, ...children.map(({ name }) => name.length));
  const lines = children
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, summary }) => `  ${name.padEnd(width)} ${summary}`);
  return ['Available Commands:', ...lines].join('\n');
}

function flagsSection(title: string, flags: ReadonlyMap<string, Flag>): string {
  const shown = [...flags].filter(([, { hidden }]) => !hidden).sort(([a], [b]) => (a < b ? -1 : 1));
  if (shown.length === 0) return '';
  const left = shown.map(
    ([name, { short, typeName }]) => `  ${short ? `-${short}, ` : '    '}--${name}${typeName ? ` ${typeName}` : ''}`,
  );
  const width = Math.max(...left.map((text) => text.length));
  const lines = shown.map(([, { doc, shownDefault }], at) => {
    return `${(left[at] ?? '').padEnd(width)}   ${doc}${shownDefault ? ` (default ${shownDefault})` : ''}`;
  });
  return [`${title}:`, ...lines].join('\n');
}
