import { FluxError } from '@flux/errors';

/** metav1.Status as the API server answers it. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: { reason?: string; message?: string; field?: string }[];
  retryAfterSeconds?: number;
}

/**
 * The API server's answer to a request that it did not carry out. The server throws it and renders it with `toStatus`;
 * the client throws it again from the response. `message` is the server's text, unchanged.
 */
export class StatusError extends FluxError {
  override readonly code = 'STATUS';
  readonly status: Status;

  constructor(status: Status, options: { cause?: unknown } = {}) {
    super(status.message ?? `HTTP ${status.code}`, options);
    this.status = status;
  }

  /** The HTTP status code. */
  get statusCode(): number {
    return this.status.code;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof StatusError && error.statusCode === code;
}

export function isNotFound(error: unknown): boolean {
  return hasCode(error, 404);
}

export function isConflict(error: unknown): boolean {
  return hasCode(error, 409) && (error as StatusError).reason !== 'AlreadyExists';
}

export function isAlreadyExists(error: unknown): boolean {
  return hasCode(error, 409) && (error as StatusError).reason === 'AlreadyExists';
}

/** The state that was asked for is no longer kept: of a list page, or of a watch. */
export function isExpired(error: unknown): boolean {
  return hasCode(error, 410) || (error instanceof StatusError && error.reason === 'Expired');
}
