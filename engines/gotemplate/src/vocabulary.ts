import type { Action, Branch, TemplateCall } from './nodes.ts';

/** An action as it was read where its text came up first. */
export interface KnownAction {
  /** Where its text began, behind the opening delimiter. */
  readonly start: number;
  /** Pipes are shared by all actions of this text, and keep the positions of the first. */
  readonly action:
    | Omit<Action, 'shift'>
    | Omit<TemplateCall, 'shift'>
    | Pick<Branch, 'type' | 'position' | 'pipe'>
    | { readonly type: 'end' }
    | { readonly type: 'else' };
  /** Variables that have to be there already. */
  readonly uses: readonly string[];
}

/** Longer ones hardly repeat. */
const maxLength = 256;
/** Characters of all texts of which something is kept: a part of a text keeps all of it in memory, and `tpl` can make many. */
const maxTotal = 32 * 1024 * 1024;

/**
 * The functions that templates may call, and the actions that were read with them. Charts repeat theirs: a dozen templates
 * begin and end in the same lines, and reading an action takes several times as long as looking it up.
 */
export class Vocabulary {
  readonly functions: ReadonlySet<string>;
  readonly #actions = new Map<string, KnownAction>();
  #total = 0;

  constructor(functions: ReadonlySet<string>) {
    this.functions = functions;
  }

  /** Tells of the text that is read next. */
  begin(text: string): void {
    this.#total += text.length;
  }

  find(text: string): KnownAction | undefined {
    return text.length > maxLength ? undefined : this.#actions.get(text);
  }

  keep(text: string, action: KnownAction): void {
    if (text.length <= maxLength && this.#total <= maxTotal) this.#actions.set(text, action);
  }
}
