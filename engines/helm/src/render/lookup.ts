import { RenderError } from './render-error.ts';

/**
 * What a template asks of a cluster (HELM-TPL-08): an object, or the list of a kind when the name is empty; `{}` for what
 * does not exist. Rejects when the kind is unknown or reading is refused.
 */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => Promise<unknown>;

/** An address of a host, for `getHostByName`. */
export type ResolveHost = (name: string) => Promise<string>;

/** The world outside that templates may ask; what is not there answers nothing. */
export interface Outside {
  lookup?: Lookup;
  resolveHost?: ResolveHost;
}

/** The same as templates see it: answers at once, which are empty while the true ones are being fetched. */
export interface Asked {
  lookup(apiVersion: string, kind: string, namespace: string, name: string): unknown;
  resolveHost(name: string): string;
}

type Answer = { value: unknown } | { error: unknown };

/** Questions whose words follow from answers of earlier ones are answered one round later; nobody nests them this deep. */
const maxRounds = 20;
const maxQuestions = 10_000;

/**
 * Runs synchronous work that asks an asynchronous world: every question that has no answer yet gets an empty one and is
 * noted, the noted ones are asked together, and the work is done again until a run has met no new question. Only that last
 * run counts, whether it gave a result or threw.
 */
export async function withAnswers<T>(outside: Outside, work: (asked: Asked) => T): Promise<T> {
  const answers = new Map<string, Answer>();
  for (let round = 0; round < maxRounds; round++) {
    const missing = new Map<string, () => Promise<unknown>>();
    const result = attempt(() => work(askedOf(outside, answers, missing)));
    if (missing.size === 0) return unwrap(result);
    if (answers.size + missing.size > maxQuestions)
      throw new RenderError(`templates look up more than ${maxQuestions} objects`);
    const asked = [...missing].map(async ([key, question]) => [key, await answerTo(question)] as const);
    for (const [key, answer] of await Promise.all(asked)) answers.set(key, answer);
  }
  throw new RenderError(`lookups of templates depend on each other in more than ${maxRounds} rounds`);
}

function askedOf(
  { lookup, resolveHost }: Outside,
  answers: ReadonlyMap<string, Answer>,
  missing: Map<string, () => Promise<unknown>>,
): Asked {
  const ask = (key: readonly string[], question: () => Promise<unknown>): unknown => {
    const id = JSON.stringify(key);
    const answer = answers.get(id);
    if (answer === undefined) missing.set(id, question);
    else if ('error' in answer) throw answer.error;
    return answer === undefined || !('value' in answer) ? undefined : structuredClone(answer.value);
  };
  return {
    lookup: (...words) => (lookup ? ask(['object', ...words], () => lookup(...words)) : undefined) ?? {},
    resolveHost: (name) => String((resolveHost ? ask(['host', name], () => resolveHost(name)) : undefined) ?? ''),
  };
}

type Result<T> = { value: T } | { error: unknown };

function attempt<T>(work: () => T): Result<T> {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function unwrap<T>(result: Result<T>): T {
  if ('error' in result) throw result.error;
  return result.value;
}

async function answerTo(question: () => Promise<unknown>): Promise<Answer> {
  try {
    return { value: await question() };
  } catch (error) {
    return { error };
  }
}
