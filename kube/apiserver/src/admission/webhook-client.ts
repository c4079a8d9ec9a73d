import type { IncomingMessage } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { describeNetworkError, HttpError } from '@flux/http';

/** Where a webhook is called: its URL as messages show it, its name in the certificate, and the host to connect to. */
export interface WebhookAddress {
  readonly serverName: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

export interface WebhookCall {
  readonly address: WebhookAddress;
  /** PEM authorities; absent: those of the system. */
  readonly caBundle: string | undefined;
  readonly timeoutSeconds: number;
  readonly body: string;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Enough for a patch of the largest object. */
const maxAnswerBytes = 8 * 1024 * 1024;

/**
 * Calls webhooks over HTTPS with connections that are kept. Only whoever may write webhook configurations decides whom the
 * server calls; so that nobody else does, redirects are not followed and no proxy or credential of the process is used.
 */
export class WebhookClient {
  #agent: Agent | undefined;

  /** Resolves for any HTTP status; rejects in the words of Go when there is no answer. */
  async post(call: WebhookCall): Promise<WebhookAnswer> {
    const { Agent, request } = await import('node:https');
    this.#agent ??= new Agent({ keepAlive: true, maxSockets: 64, maxFreeSockets: 8 });
    const signal = AbortSignal.timeout(call.timeoutSeconds * 1000);
    const options = { ...optionsOf(call), signal, agent: this.#agent };
    for (let isFirst = true; ; isFirst = false) {
      const outgoing = request(options);
      try {
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          outgoing.once('response', resolve);
          outgoing.on('error', reject);
          outgoing.end(call.body);
        });
        const contentType = response.headers['content-type'] ?? 'application/json';
        return { status: response.statusCode ?? 0, contentType, text: await readAnswer(response) };
      } catch (error) {
        if (signal.aborted) throw new HttpError('timeout', 'context deadline exceeded', { cause: error });
        // The other side may close a kept connection at the moment of its use.
        if (isFirst && outgoing.reusedSocket && isHangUp(error)) continue;
        if (error instanceof HttpError) throw error;
        throw new HttpError('connection', isHangUp(error) ? 'EOF' : describeNetworkError(error), { cause: error });
      }
    }
  }

  close(): void {
    this.#agent?.destroy();
  }
}

function optionsOf({ address, caBundle, timeoutSeconds, body }: WebhookCall): RequestOptions {
  const { serverName, host, port, path } = address;
  return {
    method: 'POST',
    host,
    port,
    path: `${path}?timeout=${timeoutSeconds}s`,
    servername: isIP(serverName) ? '' : serverName,
    ...(caBundle ? { ca: caBundle } : {}),
    headers: {
      host: `${isIP(serverName) === 6 ? `[${serverName}]` : serverName}:${port}`,
      'user-agent': 'kube-apiserver-admission',
      accept: 'application/json, */*',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  };
}

function isHangUp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxAnswerBytes) {
      response.destroy();
      throw new HttpError('tooLarge', `response exceeds the limit of ${maxAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
