import { RenderError } from './render-error.ts';

/**
 * What a template asks of a cluster (HELM-TPL-08): an object, or the list of a kind when the name is empty; `{}` for what
 * does not exist. Rejects when the kind is unknown or reading is refused.
 */
export type Lookup = (apiVersion: string, kind: string, namespace: string, name: string) => Promise<unknown>;

type Question = readonly [apiVersion: string, kind: string, namespace: string, name: string];
type Answer = { value: unknown } | { error: unknown };

/** Lookups whose arguments follow from answers of earlier ones are found one round later; nobody nests them this deep. */
const maxRounds = 20;
const maxQuestions = 10_000;

/**
 * Runs synchronous work that asks an asynchronous cluster: every question that has no answer yet is answered with `{}` and
 * noted, the noted ones are asked together, and the work is done again until a run has met no new question. Only that last
 * run counts, whether it gave a result or threw.
 */
export async function withLookups<T>(
  lookup: Lookup | undefined,
  work: (ask: (...question: Question) => unknown) => T,
): Promise<T> {
  const answers = new Map<string, Answer>();
  for (let round = 0; round < maxRounds; round++) {
    const missing = new Map<string, Question>();
    const result = attempt(() =>
      work((...question) => {
        if (lookup === undefined) return {};
        const key = JSON.stringify(question);
        const answer = answers.get(key);
        if (answer === undefined) missing.set(key, question);
        else if ('error' in answer) throw answer.error;
        return answer === undefined || !('value' in answer) ? {} : structuredClone(answer.value);
      }),
    );
    if (lookup === undefined || missing.size === 0) return unwrap(result);
    if (answers.size + missing.size > maxQuestions)
      throw new RenderError(`templates look up more than ${maxQuestions} objects`);
    const asked = [...missing].map(async ([key, question]) => [key, await answerTo(lookup, question)] as const);
    for (const [key, answer] of await Promise.all(asked)) answers.set(key, answer);
  }
  throw new RenderError(`lookups of templates depend on each other in more than ${maxRounds} rounds`);
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

async function answerTo(lookup: Lookup, question: Question): Promise<Answer> {
  try {
    return { value: (await lookup(...question)) ?? {} };
  } catch (error) {
    return { error };
  }
}
