import { STATUS_CODES } from 'node:http';
import { redact } from '@flux/errors';
import { formatGoValue } from './go-value.ts';
import { OciError } from './oci-error.ts';

/** Whose words errors have: `oras` (what Helm uses, so charts) or `crane` (go-containerregistry, so OCIRepository and images). */
export type Wording = 'oras' | 'crane';

/** One error as registries give them. */
export interface RegistryDiagnostic {
  code: string;
  message: string;
  detail?: unknown;
}

interface Answer {
  method: string;
  url: string;
  status: number;
  body: string;
}

/** The registry, or its token server, refused a request. */
export class RegistryError extends OciError {
  override readonly code = 'OCI_REGISTRY';
  readonly status: number;
  readonly diagnostics: readonly RegistryDiagnostic[];

  constructor(answer: Answer, wording: Wording) {
    const diagnostics = readDiagnostics(answer.body);
    super(wording === 'oras' ? wordAsOras(answer, diagnostics) : wordAsCrane(answer, diagnostics));
    this.status = answer.status;
    this.diagnostics = diagnostics;
  }

  /** The registry knows no such repository, manifest or blob. */
  get isNotFound(): boolean {
    return this.status === 404;
  }

  get isUnauthorized(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

function readDiagnostics(body: string): RegistryDiagnostic[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return []; // a proxy's page, or nothing at all
  }
  const errors: unknown = typeof parsed === 'object' && parsed !== null && 'errors' in parsed ? parsed.errors : [];
  if (!Array.isArray(errors)) return [];
  return errors.flatMap((error: unknown) => {
    if (typeof error !== 'object' || error === null) return [];
    const text = (name: string) => {
      const value: unknown = Object.hasOwn(error, name) ? Reflect.get(error, name) : undefined;
      return typeof value === 'string' ? value : '';
    };
    const detail: unknown = 'detail' in error ? error.detail : undefined;
    return [{ code: text('code'), message: text('message'), ...(detail == null ? {} : { detail }) }];
  });
}

/** oras-go registry/remote/errcode/errors.go. */
function wordAsOras({ method, url, status }: Answer, diagnostics: readonly RegistryDiagnostic[]): string {
  const texts = diagnostics.map(({ code, message, detail }) => {
    const words = [code.replaceAll('_', ' ').toLowerCase()];
    if (message !== '') words.push(message, ...(detail === undefined ? [] : [formatGoValue(detail)]));
    return words.join(': ');
  });
  return `${method} "${url}": response status code ${status}: ${texts.join('; ') || (STATUS_CODES[status] ?? '')}`;
}

/** go-containerregistry pkg/v1/remote/transport/error.go. */
function wordAsCrane({ method, url, status, body }: Answer, diagnostics: readonly RegistryDiagnostic[]): string {
  const texts = diagnostics.map(
    ({ code, message, detail }) => `${code}: ${message}${detail === undefined ? '' : `; ${formatGoValue(detail)}`}`,
  );
  const prefix = `${method} ${redact(url)}: `;
  if (texts.length === 1) return prefix + texts[0];
  if (texts.length > 1) return `${prefix}multiple errors returned: ${texts.join('; ')}`;
  const text = `unexpected status code ${status} ${STATUS_CODES[status] ?? ''}`;
  if (body !== '') return `${prefix}${text}: ${body}`;
  return prefix + text + (method === 'HEAD' ? ' (HEAD responses have no body, use GET for details)' : '');
}
