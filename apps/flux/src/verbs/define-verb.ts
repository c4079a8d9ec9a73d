import type { CliVerb } from '@flux/api';
import { type Command, type CommandNode, defineGroup, type Input } from '../command/command.ts';
import type { FlagSet, NoFlags } from '../command/flag.ts';
import type { Context } from '../context.ts';
import { viewsFor } from '../kinds/index.ts';
import type { KindView } from '../kinds/kind-view.ts';

/** A verb on one kind: the typed input and the kind that was named. */
interface Target<F extends FlagSet> extends Input<F> {
  readonly view: KindView;
}

interface Verb<Persistent extends FlagSet, Own extends FlagSet> {
  verb: CliVerb;
  doc: string;
  /** One line about the verb on a kind. */
  summary(view: KindView): string;
  /** One line about the verb on a group such as `sources`. */
  groupSummary?(name: string): string;
  usage?: string;
  example?(view: KindView): string;
  /** Flags of the verb on every kind. */
  persistentFlags?: Persistent;
  /** Flags that only some kinds have; a kind without one sees its default. */
  flags?: Own;
  hasFlag?(view: KindView, flag: keyof Own & string): boolean;
  /** Entries beside the kinds, such as `all`, by group (`''` for the verb itself). */
  extra?: Readonly<Record<string, readonly CommandNode[]>>;
  run(context: Context, target: Target<Persistent & Own>): Promise<void>;
}

/** Mounts a verb for each kind whose `cli.verbs` lists it: `flux suspend kustomization`, `flux suspend source git`, … */
export function defineVerb<const P extends FlagSet = NoFlags, const O extends FlagSet = NoFlags>(
  verb: Verb<P, O>,
): Command {
  const top: CommandNode[] = [...(verb.extra?.[''] ?? [])];
  const groups = new Map<string, CommandNode[]>();
  for (const view of viewsFor(verb.verb)) {
    const words = wordsOf(view, verb.verb);
    const name = words.path.at(-1) ?? '';
    const aliases = words.aliases;
    const node: CommandNode = {
      name,
      ...(aliases.length > 0 ? { aliases } : {}),
      summary: verb.summary(view),
      load: async () => kindCommand(verb, view),
    };
    const group = words.path.length > 1 ? words.path[0] : undefined;
    if (group === undefined) top.push(node);
    else groups.set(group, [...(groups.get(group) ?? []), node]);
  }
  for (const [name, members] of groups) top.push(groupNode(verb, name, members));
  return defineGroup({ doc: verb.doc, persistentFlags: verb.persistentFlags ?? {}, children: top });
}

/** `get` lists and so says `sources`, the other verbs say `source`. */
function wordsOf({ kind }: KindView, verb: CliVerb): { path: readonly string[]; aliases: readonly string[] } {
  const { command, listCommand, aliases = [], listAliases = [] } = kind.cli;
  return verb === 'get' ? { path: listCommand, aliases: listAliases } : { path: command, aliases };
}

const groupAliases: Readonly<Record<string, readonly string[]>> = {
  sources: ['source'],
  images: ['image'],
  artifacts: ['artifact'],
};

function groupNode<P extends FlagSet, O extends FlagSet>(
  verb: Verb<P, O>,
  name: string,
  members: readonly CommandNode[],
): CommandNode {
  const aliases = groupAliases[name];
  return {
    name,
    ...(aliases ? { aliases } : {}),
    summary: verb.groupSummary?.(name) ?? `${capitalised(verb.verb)} ${name}`,
    load: async () => defineGroup({ children: [...(verb.extra?.[name] ?? []), ...members] }),
  };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function kindCommand<P extends FlagSet, O extends FlagSet>(verb: Verb<P, O>, view: KindView): Command {
  const own = Object.entries(verb.flags ?? {});
  const shown = own.filter(([name]) => verb.hasFlag?.(view, name as keyof O & string) ?? true);
  const defaults = Object.fromEntries(own.map(([name, { initial }]) => [name, initial]));
  return {
    usage: verb.usage ?? '[name]',
    ...(verb.example ? { example: verb.example(view) } : {}),
    flags: Object.fromEntries(shown),
    run: (context: Context, input: Input<P & O>) =>
      verb.run(context, { ...input, flags: { ...defaults, ...input.flags }, view }),
    complete: async (context: Context, _input: Input<P & O>, typed: string) =>
      (await import('../complete-names.ts')).completeNames(context, view.kind, typed),
  };
}
