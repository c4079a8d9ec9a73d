import type { Cluster } from '@flux/client';
import type { Command, CommandNode, ResolvedCommand } from './command/command.ts';
import { ExitError, UsageError } from './command/errors.ts';
import { commandPath, findCommand } from './command/find-command.ts';
import { formatHelp } from './command/help.ts';
import { type ParsedFlags, parseFlags } from './command/parse-flags.ts';
import { type Console, consoleOver, type Streams } from './console.ts';
import type { Context, Environment } from './context.ts';
import { describeFailure } from './describe-failure.ts';
import type { GlobalFlags } from './global-flags.ts';
import { checkNamespace, chooseNamespace } from './namespace.ts';
import { root } from './root.ts';
import { version } from './version.ts';

/** Everything that a run takes from its process, so that tests and other programs can run commands too. */
export interface Invocation extends Streams {
  args: readonly string[];
  env?: Environment;
  cwd?: string;
  stdin?: () => AsyncIterable<Uint8Array | string>;
  isTerminal?: boolean;
  signal?: AbortSignal;
  now?: () => Date;
  confirm?: (question: string) => Promise<boolean>;
  /** Replaces the cluster that flags and environment name. */
  connect?: () => Promise<Cluster>;
}

/** Runs one command line and returns its exit code; failures are printed, never thrown (spec cli 1.1). */
export async function runFlux(invocation: Invocation): Promise<number> {
  const out = consoleOver(invocation);
  try {
    await dispatch(root, invocation, out);
    return 0;
  } catch (error) {
    if (error instanceof ExitError) {
      if (error.message) out[error.symbol](error.message);
      return error.exitCode;
    }
    out.failure(describeFailure(error));
    return 1;
  }
}

async function dispatch(root: CommandNode, invocation: Invocation, out: Console): Promise<void> {
  const { found, rest } = await findCommand(root, invocation.args);
  const words = found.command.rawArguments ? ['--', ...rest] : rest;
  const parsed = parseFlags(words, new Map([...found.inherited, ...found.local]));
  if (parsed.values['version'] === true && found.path.length === 1) return out.data(`flux version ${version}\n`);
  const { command } = found;
  if (parsed.values['help'] === true || !command.run) return out.data(formatHelp(found));
  checkArguments(found, parsed.args);
  const connection = lazyConnection(parsed, invocation);
  try {
    await command.run(await createContext(command, parsed, invocation, out, connection.open), inputOf(parsed));
  } finally {
    await connection.close();
  }
}

function inputOf({ args, values, changed }: ParsedFlags) {
  return { args, root, flags: values, changed: (name: string) => changed.has(name) };
}

function checkArguments({ path, command }: ResolvedCommand, args: readonly string[]): void {
  const { exact, max } = command.takes ?? {};
  if (max === 0 && args.length > 0) {
    throw new UsageError(`unknown command ${JSON.stringify(args[0])} for "${commandPath(path)}"`);
  }
  if (exact !== undefined && args.length !== exact) {
    throw new UsageError(`accepts ${exact} arg(s), received ${args.length}`);
  }
}

interface LazyConnection {
  open(): Promise<Cluster>;
  close(): Promise<void>;
}

/** Connects on first use; a cluster that the caller brought stays open. */
function lazyConnection({ values }: ParsedFlags, invocation: Invocation): LazyConnection {
  const { env = process.env, cwd = process.cwd(), connect: given } = invocation;
  let opened: Promise<Cluster> | undefined;
  const connect = async () => (await import('./connect.ts')).connect(values as GlobalFlags, env, cwd);
  return {
    open() {
      opened ??= given ? given() : connect();
      return opened;
    },
    async close() {
      if (!opened || given) return;
      const cluster = await opened.catch(() => undefined);
      await cluster?.close();
    },
  };
}

async function createContext(
  command: Command,
  parsed: ParsedFlags,
  invocation: Invocation,
  out: Console,
  cluster: () => Promise<Cluster>,
): Promise<Context> {
  const globals = parsed.values as GlobalFlags;
  const { env = process.env, cwd = process.cwd() } = invocation;
  const namespace = await chooseNamespace(
    {
      typed: parsed.changed.has('namespace') ? globals.namespace : undefined,
      followContext: !command.anyNamespace && globals['ns-follows-kube-context'],
      env,
      contextNamespace: async () => (await import('./connect.ts')).contextNamespace(globals, env, cwd),
    },
    out,
  );
  if (!command.anyNamespace) checkNamespace(namespace);
  return {
    out,
    globals,
    env,
    cwd,
    namespace,
    cluster,
    signal: invocation.signal ?? new AbortController().signal,
    get isTerminal() {
      return invocation.isTerminal ?? false;
    },
    now: invocation.now ?? (() => new Date()),
    stdin: invocation.stdin ?? (() => process.stdin),
    confirm: invocation.confirm ?? (async () => false),
  };
}
