import type { KubeObject } from '@flux/apimachinery';
import type { User } from '../registry/api.ts';
import type { Query } from '../registry/list-options.ts';
import type { WatchEventType } from '../registry/watch.ts';

/** A request after transport: from TLS, or from a direct call inside the process. */
export interface ApiRequest {
  method: string;
  /** Path without the query, still percent-encoded. */
  path: string;
  query: Query;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: RequestBody;
  /** Who the transport says it is (client certificate, direct call); a bearer token is looked at otherwise. */
  identity?: User;
  /** Who sends it, where that was found out before the body was read. */
  user?: User;
}

/** A request before its body. */
export type RequestHead = Omit<ApiRequest, 'body'>;

export type RequestBody =
  | { kind: 'none' }
  /** `mediaType` is lower case without parameters; empty when the header is absent. */
  | { kind: 'text'; text: string; mediaType: string }
  | { kind: 'bytes'; bytes: Buffer; mediaType: typeof protobufType }
  | { kind: 'value'; value: unknown; mediaType: string };

export const protobufType = 'application/vnd.kubernetes.protobuf';

/** How an answer is written. */
export type MediaType = 'application/json' | 'application/yaml';

export interface ApiResponse {
  status: number;
  headers: Record<string, string | readonly string[]>;
  body: ResponseBody;
}

export type ResponseBody =
  | { kind: 'none' }
  | { kind: 'object'; value: unknown; mediaType: MediaType; contentType: string }
  | { kind: 'text'; text: string; contentType: string }
  | { kind: 'bytes'; bytes: Buffer; contentType: string }
  | { kind: 'watch'; stream: WatchStream };

/** A watch that starts when its consumer is ready. */
export interface WatchStream {
  contentType: string;
  /** Two watches with the same form share the encoding of an event. */
  form: string;
  start(consumer: WatchConsumer): void;
  stop(): void;
}

export interface WatchConsumer {
  /** `source` identifies the stored object; `render` gives the JSON value of the event. */
  event(type: WatchEventType, source: KubeObject, render: () => unknown): void;
  end(): void;
}

export function objectResponse(status: number, value: unknown, mediaType: MediaType = 'application/json'): ApiResponse {
  return { status, headers: {}, body: { kind: 'object', value, mediaType, contentType: mediaType } };
}

export function textResponse(status: number, text: string): ApiResponse {
  return { status, headers: {}, body: { kind: 'text', text, contentType: 'text/plain; charset=utf-8' } };
}
