import { type ApiServer, startApiServer } from '@flux/apiserver';
import { isAllowedBy, type ReviewSpec } from './allowed-by.ts';
import { type CompareOptions, difference, show, subsetDifference } from './compare.ts';
import { Connection, type EventStream } from './connection.ts';
import { Bindings } from './placeholders.ts';
import { inSurroundings } from './surroundings.ts';
import type { RecordedResponse, Step, Transcript } from './transcript.ts';

/** Of what has to come: only what never comes takes as long. */
const pollMs = 30_000;
const eventMs = 30_000;
const endMs = 30_000;

/** Replays one scenario against a fresh server; answers what differs, a line a step. */
export async function replay(transcript: Transcript, unstable: ReadonlySet<string>): Promise<string[]> {
  const clock = new Clock();
  const server = await startApiServer({
    controllers: transcript.controllers,
    now: () => clock.now(),
    anonymous: true,
  });
  const player = new Player(server, unstable, clock);
  try {
    return await player.play(inSurroundings(transcript, server.url));
  } finally {
    player.close();
    await server.close();
  }
}

/** The server's clock, which jumps where the recorder slept. */
class Clock {
  #aheadMs = 0;

  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  advance(seconds: number): void {
    this.#aheadMs += seconds * 1000;
  }
}

class Player {
  readonly #clock: Clock;
  readonly #server: ApiServer;
  readonly #connection: Connection;
  readonly #unstable: ReadonlySet<string>;
  readonly #bindings = new Bindings();
  readonly #watches = new Map<string, EventStream>();
  /** After one answer that never came there is no point in waiting long for others. */
  #gaveUp = false;

  constructor(server: ApiServer, unstable: ReadonlySet<string>, clock: Clock) {
    this.#clock = clock;
    this.#server = server;
    this.#connection = new Connection(server);
    this.#unstable = unstable;
  }

  close(): void {
    for (const stream of this.#watches.values()) stream.close();
    this.#connection.close();
  }

  async play({ steps }: Transcript): Promise<string[]> {
    const problems: string[] = [];
    for (const [index, step] of steps.entries()) {
      const problem = await this.#step(step, `steps[${index}]`);
      if (problem) problems.push(`step ${step.n}: ${problem}`);
    }
    return problems;
  }

  async #step(step: Step, path: string): Promise<string | undefined> {
    if (step.sleepSeconds !== undefined) this.#clock.advance(step.sleepSeconds);
    if (step.action === 'compact-storage') this.#server.compact({ keepsMemory: true });
    if (step.watchEvents !== undefined) return this.#checkEvents(step, path);
    if (step.claims !== undefined) return this.#checkClaims(step, path);
    if (!step.request || !step.response) return undefined;
    if (step.watch !== undefined && step.response.status === 200) return this.#openWatch(step, path);
    return step.poll ? this.#poll(step, path) : this.#send(step, path);
  }

  #options(bindings: Bindings): CompareOptions {
    return { unstable: this.#unstable, bindings };
  }

  async #send(step: Step, path: string): Promise<string | undefined> {
    const answer = await this.#connection.send(this.#bindings.fill(step.request!));
    const bindings = new Bindings(this.#bindings);
    const problem = this.#checkAnswer(await this.#withItsReason(step, answer), answer, path, bindings);
    // What could be bound before a difference is kept, so that later steps can still be compared.
    this.#bindings.adopt(bindings);
    return problem;
  }

  async #poll(step: Step, path: string): Promise<string | undefined> {
    const deadline = Date.now() + (this.#gaveUp ? 300 : pollMs);
    for (;;) {
      const answer = await this.#connection.send(this.#bindings.fill(step.request!));
      const bindings = new Bindings(this.#bindings);
      const problem = this.#checkAnswer(step, answer, path, bindings);
      if (!problem || Date.now() > deadline) {
        this.#bindings.adopt(bindings);
        this.#gaveUp ||= problem !== undefined;
        return problem;
      }
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  /** The recorded review, naming the binding that this server named if that one allows the request as well. */
  async #withItsReason(step: Step, answer: RecordedResponse): Promise<Step> {
    const recorded = (step.response?.body as Review | undefined)?.status;
    const { spec, status } = (answer.body ?? {}) as Review;
    const isOther = recorded?.allowed === true && status?.reason !== recorded.reason;
    if (!isOther || !recorded.reason || !status?.reason || !spec) return step;
    for (const reason of [recorded.reason, status.reason]) {
      if (!(await isAllowedBy(this.#connection, reason, spec))) return step;
    }
    const body = { ...(step.response!.body as Review), status: { ...recorded, reason: status.reason } };
    return { ...step, response: { ...step.response!, body } };
  }

  #checkAnswer(step: Step, answer: RecordedResponse, path: string, bindings: Bindings): string | undefined {
    const { status, headers, body, bodyText, bodySubset } = step.response!;
    const options = this.#options(bindings);
    const at = `${path}.response`;
    if (answer.status !== status)
      return `status: want ${status}, got ${answer.status} ${show(answer.body ?? answer.bodyText)}`;
    for (const [name, value] of Object.entries(headers)) {
      const problem = headerDifference(value, answer.headers[name.toLowerCase()], `${at}.headers.${name}`, options);
      if (problem) return problem;
    }
    if (body !== undefined) {
      const compare = bodySubset ? subsetDifference : difference;
      return compare(body, keptPart(body, answer.body), `${at}.body`, options);
    }
    return bodyText === undefined ? undefined : difference(bodyText, answer.bodyText, `${at}.bodyText`, options);
  }

  async #openWatch(step: Step, path: string): Promise<string | undefined> {
    const { head, stream } = await this.#connection.watch(this.#bindings.fill(step.request!));
    this.#watches.set(step.watch!, stream);
    if (head.status !== step.response!.status) return `status: want ${step.response!.status}, got ${head.status}`;
    const type = step.response!.headers['Content-Type'];
    return type === undefined
      ? undefined
      : difference(type, head.headers['content-type'], `${path}.headers`, this.#options(this.#bindings));
  }

  async #checkEvents(step: Step, path: string): Promise<string | undefined> {
    const stream = this.#watches.get(step.watchEvents!);
    if (!stream) return 'the watch was not opened';
    const expected = step.events ?? [];
    const wait = step.closed ? endMs : expected.length > 0 ? eventMs : 150;
    const events = await stream.take(expected.length || 1, step.closed ?? false, wait);
    const actual = step.unordered ? arrangeLike(expected, events) : events;
    const problem = difference(expected, actual, `${path}.events`, this.#options(this.#bindings));
    if (problem) return problem;
    return step.closed !== undefined && stream.ended !== step.closed
      ? `stream ended: want ${step.closed}, got ${stream.ended}`
      : undefined;
  }

  #checkClaims({ claims }: Step, path: string): string | undefined {
    const token = this.#bindings.get('jwt:1') ?? '';
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8') || 'null');
    return difference(claims, payload, `${path}.claims`, this.#options(this.#bindings));
  }
}

function headerDifference(
  expected: string | string[],
  actual: string | string[] | undefined,
  path: string,
  options: CompareOptions,
): string | undefined {
  if (!Array.isArray(expected)) return difference(expected, actual, path, options);
  return difference(
    [...expected].sort(),
    actual === undefined ? [] : ([] as string[]).concat(actual).sort(),
    path,
    options,
  );
}

/** Puts events into the order of the recording by the names of their objects. */
function arrangeLike(expected: readonly unknown[], actual: readonly unknown[]): unknown[] {
  const name = (event: unknown) =>
    (event as { object?: { metadata?: { name?: string } } }).object?.metadata?.name ?? '';
  const rest = [...actual];
  const found = expected.map((event) => {
    const index = rest.findIndex((candidate) => name(candidate) === name(event));
    return index < 0 ? undefined : rest.splice(index, 1)[0];
  });
  return [...found.filter((event) => event !== undefined), ...rest];
}

/** Some recordings keep only a part of the object: spec with generation or labels, an order of names, finalizers. */
function keptPart(recorded: unknown, answer: unknown): unknown {
  const { metadata, spec } = (answer ?? {}) as { metadata?: Record<string, unknown>; spec?: Fields };
  if (!metadata || typeof recorded !== 'object' || recorded === null || 'kind' in recorded) return answer;
  if (Array.isArray(recorded)) {
    return spec ? spec.template?.spec?.containers?.[0]?.env?.map(({ name }) => name) : metadata['finalizers'];
  }
  const known = Object.keys(recorded);
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => known.includes(key)));
  if (!spec || !known.includes('template')) return answer;
  const authored = ['labels', 'annotations', 'finalizers', 'ownerReferences'].filter((key) => key in metadata);
  const names = Object.fromEntries(authored.map((key) => [key, metadata[key]]));
  return { ...kept, ...spec, ...(known.includes('metadata') ? { metadata: names } : {}) };
}

/** An access review as it is answered. */
interface Review {
  spec?: ReviewSpec;
  status?: { allowed?: boolean; reason?: string };
}

interface Fields {
  template?: { spec?: { containers?: { env?: { name: string }[] }[] } };
  [field: string]: unknown;
}
