import type { Cluster } from '@flux/client';
import type { Console } from './console.ts';
import type { GlobalFlags } from './global-flags.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What surrounds a run of a command. */
export interface Context {
  readonly out: Console;
  readonly globals: GlobalFlags;
  readonly env: Environment;
  readonly cwd: string;
  /** The chosen namespace; checked to be a DNS label. */
  readonly namespace: string;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  readonly isTerminal: boolean;
  now(): Date;
  stdin(): AsyncIterable<Uint8Array | string>;
  /** Asks a yes or no question; false when nobody can answer. */
  confirm(question: string): Promise<boolean>;
  /** Connects when first called. */
  cluster(): Promise<Cluster>;
}
