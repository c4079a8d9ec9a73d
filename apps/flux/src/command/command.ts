/** What a run is given besides its flags; see `context.ts`. */
import type { Context } from '../context.ts';
import type { Flag, FlagSet, FlagValues, NoFlags } from './flag.ts';

/** An entry of a group: enough to list it without loading it. */
export interface CommandNode {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly hidden?: boolean;
  load(): Promise<Command>;
}

export interface Input<F extends FlagSet> {
  readonly args: readonly string[];
  readonly flags: FlagValues<F>;
  /** The command table, for commands about commands. */
  readonly root: CommandNode;
  /** True for flags that were typed. */
  changed(name: keyof F & string): boolean;
}

/** How many positional words a command takes; without it any number. */
interface ArgumentRule {
  readonly exact?: number;
  readonly max?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: the flags of a command in the table are known to itself only
export interface Command<F extends FlagSet = any> {
  /** Positional words in the usage line, such as `[name]`. */
  readonly usage?: string;
  readonly doc?: string;
  readonly example?: string;
  readonly flags?: FlagSet;
  /** Flags that every command below has too. */
  readonly persistentFlags?: FlagSet;
  readonly children?: readonly CommandNode[];
  readonly takes?: ArgumentRule;
  /** `create` and `plugin` never checked the namespace (spec cli 1.2). */
  readonly anyNamespace?: boolean;
  /** Every word after the command is an argument, also those that look like flags. */
  readonly rawArguments?: boolean;
  readonly run?: (context: Context, input: Input<F>) => Promise<void>;
  /** Words that can follow the ones typed. */
  readonly complete?: (context: Context, input: Input<F>, typed: string) => Promise<readonly string[]>;
}

/** A command whose flags, its own and those of the groups above it, type the input of `run`. */
export function defineCommand<const Own extends FlagSet = NoFlags, const Inherited extends FlagSet = NoFlags>(
  command: Omit<Command<Own & Inherited>, 'flags'> & { flags?: Own; inherits?: Inherited },
): Command<Own & Inherited> {
  return command;
}

/** A command that only holds others. */
export function defineGroup(
  group: Pick<Command, 'doc' | 'example' | 'persistentFlags' | 'children' | 'anyNamespace'>,
): Command {
  return group;
}

export interface ResolvedCommand {
  readonly path: readonly CommandNode[];
  readonly command: Command;
  /** Its own flags and the persistent ones it defines. */
  readonly local: ReadonlyMap<string, Flag>;
  /** Persistent flags of the groups above. */
  readonly inherited: ReadonlyMap<string, Flag>;
}
