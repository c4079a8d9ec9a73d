import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '@flux/crypto';

/** The request of an AdmissionReview. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into reviews as they come
export type ReviewRequest = Record<string, any>;

/** A status and text in place of a review. */
interface Raw {
  status: number;
  text: string;
  headers?: Record<string, string>;
}

/** What a webhook of a test answers: the response of a review, something else, or nothing. */
export type Answer = Record<string, unknown> | Raw | 'never';

/** A webhook server on loopback: each path is a webhook. */
export class WebhookServer {
  readonly requests: { path: string; request: ReviewRequest }[] = [];
  readonly caBundle: string;
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, caPem: string) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.caBundle = Buffer.from(caPem).toString('base64');
  }

  static async start(
    webhooks: Readonly<Record<string, (request: ReviewRequest) => Answer | Promise<Answer>>>,
    names: readonly string[] = [],
  ): Promise<WebhookServer> {
    const authority = await createAuthority({ commonName: 'webhook-ca', days: 2 });
    const { keyPem, certPem } = await issueCertificate(authority, {
      commonName: 'webhook',
      days: 2,
      usage: 'server',
      dnsNames: ['localhost', ...names],
      ipAddresses: ['127.0.0.1'],
    });
    const server = createServer({ key: keyPem, cert: certPem }, async (request, response) => {
      const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
      const review = JSON.parse(Buffer.concat(chunks).toString());
      const path = new URL(request.url ?? '/', 'https://x').pathname;
      result.requests.push({ path, request: review.request });
      const answer = await webhooks[path.slice(1)]!(review.request);
      if (answer === 'never') return;
      if (isRaw(answer)) {
        response.writeHead(answer.status, answer.headers ?? {}).end(answer.text);
        return;
      }
      const value = {
        kind: 'AdmissionReview',
        apiVersion: 'admission.k8s.io/v1',
        response: { uid: review.request.uid, ...answer },
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const result = new WebhookServer(server, authority.certPem);
    return result;
  }

  /** `clientConfig` of the webhook at a path. */
  client(path: string) {
    return { url: `https://127.0.0.1:${this.port}/${path}`, caBundle: this.caBundle };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function isRaw(answer: Record<string, unknown> | Raw): answer is Raw {
  return 'text' in answer;
}

/** The part of a response that changes the object. */
export function patching(...operations: object[]) {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}
