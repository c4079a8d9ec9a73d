import { messageOf } from '@flux/errors';
import { describeTlsError } from './tls-error.ts';

interface SystemError extends Error {
  code: string;
  address?: string;
  port?: number;
  hostname?: string;
}

/** Words of Go's syscall errors. */
const errnoTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EPIPE: 'broken pipe',
  ETIMEDOUT: 'i/o timeout',
};

/** A network failure of Node in the words of Go: `dial tcp 127.0.0.1:1: connect: connection refused`. */
export function describeNetworkError(error: unknown): string {
  const found = findSystemError(error);
  if (found === undefined) return messageOf(error);
  const { code } = found;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${found.hostname ?? ''}: no such host`;
  const handshake = describeTlsError(found);
  if (handshake !== undefined) return handshake;
  if (code === 'UND_ERR_SOCKET') return 'EOF'; // the server closed the connection before it answered
  if (isTimeoutCode(code)) return 'net/http: timeout awaiting response headers';
  const text = errnoTexts[code] ?? found.message;
  if (found.address === undefined) return text;
  const host = found.address.includes(':') ? `[${found.address}]` : found.address;
  return `dial tcp ${host}:${found.port}: connect: ${text}`;
}

/** An expired deadline, of a signal or of the connection. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || isTimeoutCode(findSystemError(error)?.code ?? ''));
}

function isTimeoutCode(code: string): boolean {
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT';
}

/** The innermost error with a code; of several addresses that were tried, the first. */
function findSystemError(error: unknown): SystemError | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const inner: unknown = current instanceof AggregateError ? current.errors[0] : undefined;
    if (inner === undefined && 'code' in current && typeof current.code === 'string') return current as SystemError;
    current = inner ?? current.cause;
  }
  return undefined;
}
