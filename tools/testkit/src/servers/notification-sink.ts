import { EventEmitter, once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { serveHttp, type TestHttpServer } from './serve-http.ts';

export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface NotificationSink extends TestHttpServer {
  /** In the order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** The first request that satisfies the predicate, also one that is already there; rejects when the signal aborts. */
  waitFor(predicate: (request: ReceivedRequest) => boolean, signal: AbortSignal): Promise<ReceivedRequest>;
  /** From now on requests are answered so; the start is 200 and an empty body. */
  answerWith(status: number, body?: string): void;
}

/** Receives webhooks and events, and keeps them. */
export async function startNotificationSink(): Promise<NotificationSink> {
  const requests: ReceivedRequest[] = [];
  const arrivals = new EventEmitter();
  let answer = { status: 200, body: '' };
  const server = await serveHttp(async (incoming, response) => {
    const request = await receive(incoming);
    response.writeHead(answer.status).end(answer.body);
    requests.push(request);
    arrivals.emit('request');
  });
  return {
    ...server,
    requests,
    async waitFor(predicate, signal) {
      for (;;) {
        const found = requests.find(predicate);
        if (found) return found;
        await once(arrivals, 'request', { signal });
      }
    },
    answerWith(status, body = '') {
      answer = { status, body };
    },
  };
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = '', url = '', headers } = incoming;
  return { method, path: url, headers, body: Buffer.concat(chunks).toString() };
}
