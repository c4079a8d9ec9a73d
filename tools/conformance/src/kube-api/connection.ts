import { Agent, request } from 'node:https';
import type { ApiServer } from '@flux/apiserver';
import type { RecordedRequest, RecordedResponse } from './transcript.ts';

/** Sends recorded requests over TLS, as the recorder did. */
export class Connection {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #token: string;

  constructor(server: ApiServer) {
    this.#url = server.url;
    this.#agent = new Agent({ ca: server.caPem, keepAlive: true });
    this.#token = /token: (\S+)/.exec(server.adminKubeconfig())?.[1] ?? '';
  }

  close(): void {
    this.#agent.destroy();
  }

  send(recorded: RecordedRequest): Promise<RecordedResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#request(recorded, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => resolve(toResponse(incoming, Buffer.concat(chunks).toString('utf8'))));
      });
      outgoing.on('error', reject);
      outgoing.end(bodyOf(recorded));
    });
  }

  /** Opens a watch; resolves with its head when the stream has begun. */
  watch(recorded: RecordedRequest): Promise<{ head: RecordedResponse; stream: EventStream }> {
    return new Promise((resolve, reject) => {
      const outgoing = this.#request(recorded, (incoming) => {
        const stream = new EventStream(() => outgoing.destroy());
        incoming.setEncoding('utf8');
        incoming.on('data', (text: string) => stream.push(text));
        incoming.on('end', () => stream.end());
        incoming.on('close', () => stream.end());
        resolve({ head: toResponse(incoming, ''), stream });
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  #request(recorded: RecordedRequest, answer: Parameters<typeof request>[2]) {
    const { method, path, query = {}, headers, auth } = recorded;
    const pairs = Array.isArray(query) ? query : Object.entries(query);
    const search = pairs.length > 0 ? `${path.includes('?') ? '&' : '?'}${new URLSearchParams(pairs)}` : '';
    const { 'Accept-Encoding': _encoding, ...plain } = headers;
    const token = auth === undefined ? this.#token : auth.startsWith('bearer:') ? auth.slice(7) : undefined;
    return request(
      `${this.#url}${path}${search}`,
      {
        method,
        agent: this.#agent,
        headers: {
          ...(bodyOf(recorded) === undefined ? {} : { 'content-length': String(Buffer.byteLength(bodyOf(recorded)!)) }),
          'user-agent': 'golden/1.0',
          ...plain,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      answer,
    );
  }
}

function bodyOf({ body, bodyText }: RecordedRequest): string | undefined {
  if (bodyText !== undefined) return bodyText;
  return body === undefined ? undefined : JSON.stringify(body);
}

function toResponse(incoming: import('node:http').IncomingMessage, text: string): RecordedResponse {
  const headers: Record<string, string | string[]> = {};
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    const name = incoming.rawHeaders[index]!.toLowerCase();
    const value = incoming.rawHeaders[index + 1]!;
    const known = headers[name];
    headers[name] = known === undefined ? value : ([] as string[]).concat(known, value);
  }
  const response: RecordedResponse = { status: incoming.statusCode ?? 0, headers };
  if (/json/.test(String(headers['content-type'])) && text !== '') response.body = JSON.parse(text);
  else response.bodyText = text;
  return response;
}

/** A line that is no JSON is an event too, so that the comparison shows it. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

/** Events of one watch as they come in. */
export class EventStream {
  readonly #abort: () => void;
  readonly #events: unknown[] = [];
  readonly #waiting = new Set<() => void>();
  #text = '';
  #ended = false;

  constructor(abort: () => void) {
    this.#abort = abort;
  }

  get ended(): boolean {
    return this.#ended;
  }

  push(text: string): void {
    const lines = (this.#text + text).split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.#events.push(parseLine(line));
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  close(): void {
    this.#abort();
  }

  /** Takes all events once there are enough of them (and the end, if wanted), or when the time is over. */
  async take(count: number, untilEnd: boolean, afterMs: number): Promise<unknown[]> {
    const deadline = Date.now() + afterMs;
    while (Date.now() < deadline && (this.#events.length < count || (untilEnd && !this.#ended))) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, deadline - Date.now());
        const waiting = this.#waiting;
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
    return this.#events.splice(0);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
