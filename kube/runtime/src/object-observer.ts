import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Logger } from './log.ts';
import { type ObjectListener, ObservedKind } from './observed-kind.ts';

interface ObjectObserverOptions {
  cluster: Cluster;
  log: Logger;
  lingerMs: number;
  pollMs: number;
}

/** Kinds with so many objects or changes that a watch over all namespaces would mostly deliver what nobody asked for. */
const busyKinds = new Set(['v1/ConfigMap', 'v1/Secret', 'v1/Pod', 'v1/Event', 'coordination.k8s.io/v1/Lease']);
/** Beyond this, one watch over all namespaces is cheaper than one for each. */
const maxNamespacedWatches = 16;

interface Observation {
  ref: ObjectRef;
  listener: ObjectListener;
  current: Disposable;
}

/** Follows single objects of any kind, opening as few watches as possible. */
export class ObjectObserver {
  readonly #options: ObjectObserverOptions;
  readonly #scopes = new Map<string, ObservedKind>();
  readonly #observations = new Map<string, Set<Observation>>();
  readonly #forbidden = new Set<string>();

  constructor(options: ObjectObserverOptions) {
    this.#options = options;
  }

  observe(ref: ObjectRef, listener: ObjectListener): Disposable {
    const observation: Observation = { ref, listener, current: { [Symbol.dispose]: () => {} } };
    this.#join(observation);
    return {
      [Symbol.dispose]: () => {
        for (const group of this.#observations.values()) group.delete(observation);
        observation.current[Symbol.dispose]();
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#scopes.values()].map((scope) => scope.close()));
    this.#scopes.clear();
  }

  #join(observation: Observation): void {
    const { ref, listener } = observation;
    const namespace = this.#namespaceFor(ref);
    const name = scopeName(ref, namespace);
    let scope = this.#scopes.get(name);
    if (!scope) {
      scope = this.#open(ref, namespace);
      this.#scopes.set(name, scope);
    }
    let group = this.#observations.get(name);
    if (!group) {
      group = new Set();
      this.#observations.set(name, group);
    }
    group.add(observation);
    observation.current = scope.observe(ref, listener);
  }

  #namespaceFor(ref: ObjectRef): string | undefined {
    if (!ref.namespace) return undefined;
    if (this.#forbidden.has(scopeName(ref, undefined)) || this.#scopes.has(scopeName(ref, ref.namespace)))
      return ref.namespace;
    const kind = `${ref.apiVersion}/${ref.kind}`;
    if (!busyKinds.has(kind)) return undefined;
    const open = [...this.#scopes.keys()].filter((name) => name.startsWith(`${kind} `)).length;
    return open < maxNamespacedWatches ? ref.namespace : undefined;
  }

  #open(ref: ObjectRef, namespace: string | undefined): ObservedKind {
    const name = scopeName(ref, namespace);
    const canNarrow = namespace === undefined && ref.namespace !== undefined;
    return new ObservedKind({
      ...this.#options,
      kind: { apiVersion: ref.apiVersion, kind: ref.kind },
      namespace,
      onForbidden: canNarrow ? () => this.#narrow(name) : undefined,
      onClosed: () => {
        this.#scopes.delete(name);
        this.#observations.delete(name);
      },
    });
  }

  /** A watch over all namespaces was refused: try one in each. Where that is refused too, the scope polls. */
  #narrow(name: string): void {
    this.#forbidden.add(name);
    const observations = this.#observations.get(name) ?? new Set();
    const scope = this.#scopes.get(name);
    this.#scopes.delete(name);
    this.#observations.delete(name);
    for (const observation of observations) {
      observation.current[Symbol.dispose]();
      this.#join(observation);
    }
    void scope?.close();
  }
}

function scopeName(ref: ObjectRef, namespace: string | undefined): string {
  return `${ref.apiVersion}/${ref.kind} ${namespace ?? '*'}`;
}

/** Resolves with the state of an object as soon as the predicate holds for it; rejects when the signal aborts. */
export function waitFor(
  observer: { observe(ref: ObjectRef, listener: ObjectListener): Disposable },
  ref: ObjectRef,
  predicate: (object: KubeObject | undefined) => boolean,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    let isDone = false;
    let observation: Disposable | undefined;
    const finish = (settle: () => void) => {
      isDone = true;
      signal.removeEventListener('abort', abort);
      observation?.[Symbol.dispose]();
      settle();
    };
    const abort = () => finish(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    observation = observer.observe(ref, (object, unreadable) => {
      if (isDone || unreadable) return;
      try {
        if (predicate(object)) finish(() => resolve(object));
      } catch (error) {
        finish(() => reject(error));
      }
    });
  });
}
