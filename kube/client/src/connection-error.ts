import { FluxError, messageOf } from '@flux/errors';

/** The API server could not be reached, or not trusted. `details.errno` holds the system's code. */
export class ConnectionError extends FluxError {
  override readonly code = 'CONNECTION';
}

const untrusted = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

const explanations: Readonly<Record<string, (server: URL) => string>> = {
  ECONNREFUSED: (server) =>
    `the connection to the server ${server.host} was refused - did you specify the right host or port?`,
  ENOTFOUND: (server) => `no such host ${server.hostname} - check the server address of the kubeconfig`,
  EAI_AGAIN: (server) => `the name ${server.hostname} could not be looked up, is the network up?`,
  EHOSTUNREACH: (server) => `no route to host ${server.host}`,
  ENETUNREACH: (server) => `the network of ${server.host} is unreachable`,
  ETIMEDOUT: (server) => `connecting to ${server.host} timed out`,
  UND_ERR_CONNECT_TIMEOUT: (server) => `connecting to ${server.host} timed out`,
  UND_ERR_HEADERS_TIMEOUT: (server) => `the server ${server.host} did not answer in time`,
  UND_ERR_BODY_TIMEOUT: (server) => `the server ${server.host} stopped sending its answer`,
  CERT_HAS_EXPIRED: (server) => `the certificate of ${server.host} has expired`,
  CERT_NOT_YET_VALID: (server) => `the certificate of ${server.host} is not valid yet, check the clock`,
  ERR_TLS_CERT_ALTNAME_INVALID: (server) =>
    `the certificate of ${server.host} is not made for this name; set tls-server-name if that is expected`,
};

/** Says in one line what went wrong on the way to the server and what to look at. */
export function connectionError(cause: unknown, server: URL): Error {
  if (cause instanceof FluxError || isAbort(cause)) return cause as Error;
  const errno = errnoOf(cause);
  const explain = explanations[errno];
  const text = untrusted.has(errno)
    ? `the certificate of ${server.host} is signed by an unknown authority: certificate-authority-data of the kubeconfig does not match the server`
    : explain
      ? explain(server)
      : `request to ${server.host} failed: ${messageOf(cause)}`;
  return new ConnectionError(text, { cause, details: { errno, host: server.host } });
}

/** The system or library code of an error or of its causes (`ECONNREFUSED`, `UND_ERR_SOCKET`), else an empty string. */
export function errnoOf(error: unknown): string {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    const inner: unknown = current instanceof AggregateError ? current.errors[0] : undefined;
    const code = (current as { code?: unknown }).code;
    if (typeof code === 'string') return code;
    current = inner ?? current.cause;
  }
  return '';
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
