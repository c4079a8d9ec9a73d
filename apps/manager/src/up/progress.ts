import { formatSubject, type KubeObject } from '@flux/apimachinery';
import { keyOf, type ObjectView } from '@flux/runtime';
import { messageOf, type ObjectState, stateOf } from './object-state.ts';

const symbols: Readonly<Record<ObjectState, string>> = {
  ready: '✔',
  failed: '✗',
  working: '►',
  waiting: '◎',
  suspended: '⚠️',
};

/** Follows Flux objects, prints each change that a user would care about, and knows when nothing is under way. */
export interface Progress extends Disposable {
  /** All objects, by kind and name. */
  list(): KubeObject[];
  /**
   * Resolves with true when every object is ready or suspended. With `settleMs` it also resolves, with false, once
   * something failed and nothing moved for that long; rejects when the signal aborts.
   */
  settled(options: { signal: AbortSignal; settleMs?: number }): Promise<boolean>;
}

/** Prints through `print`, one line for each object and message; `isExpected` says that the first objects are there. */
export function followProgress(
  views: readonly ObjectView[],
  print: (line: string) => void,
  isExpected: (objects: readonly KubeObject[]) => boolean,
): Progress {
  const printed = new Map<string, string>();
  const listeners = new Set<() => void>();
  const list = () => views.flatMap((view) => [...view.list()]);
  const subscriptions = views.map((view) =>
    view.subscribe(
      (change) => {
        printChange(change.after, change.object, printed, print);
        for (const listener of listeners) listener();
      },
      { replay: true },
    ),
  );
  return {
    list,
    settled: (options) => waitSettled(list, isExpected, listeners, options),
    [Symbol.dispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
    },
  };
}

function printChange(
  after: KubeObject | undefined,
  object: KubeObject,
  printed: Map<string, string>,
  print: (line: string) => void,
): void {
  const id = `${object.kind}/${keyOf(object)}`;
  if (after === undefined) {
    printed.delete(id);
    print(`✔ ${formatSubject(object)} deleted`);
    return;
  }
  const line = `${symbols[stateOf(after)]} ${formatSubject(after)}: ${messageOf(after).trimEnd()}`;
  if (printed.get(id) === line) return;
  printed.set(id, line);
  print(line);
}

function waitSettled(
  list: () => KubeObject[],
  isExpected: (objects: readonly KubeObject[]) => boolean,
  listeners: Set<() => void>,
  options: { signal: AbortSignal; settleMs?: number },
): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    clearTimeout(timer);
    const objects = list();
    if (!isExpected(objects)) return;
    const states = objects.map(stateOf);
    if (states.every((state) => state === 'ready' || state === 'suspended')) resolve(true);
    else if (options.settleMs !== undefined && !states.includes('working')) {
      timer = setTimeout(() => resolve(false), options.settleMs);
    }
  };
  const abort = () => reject(options.signal.reason);
  listeners.add(look);
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  look();
  return promise.finally(() => {
    clearTimeout(timer);
    listeners.delete(look);
    options.signal.removeEventListener('abort', abort);
  });
}
