import { STATUS_CODES } from 'node:http';
import { formatGoValue } from './go-value.ts';
import { OciError } from './oci-error.ts';

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

/** The registry, or its token server, refused a request. Its words are those of oras-go, which Helm uses. */
export class RegistryError extends OciError {
  override readonly code = 'OCI_REGISTRY';
  readonly status: number;
  readonly diagnostics: readonly RegistryDiagnostic[];

  constructor(answer: Answer) {
    const diagnostics = readDiagnostics(answer.body);
    super(describe(answer, diagnostics));
    this.status = answer.status;
    this.diagnostics = diagnostics;
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
function describe({ method, url, status }: Answer, diagnostics: readonly RegistryDiagnostic[]): string {
  const texts = diagnostics.map(({ code, message, detail }) => {
    const words = [code.replaceAll('_', ' ').toLowerCase()];
    if (message !== '') words.push(message, ...(detail === undefined ? [] : [formatGoValue(detail)]));
    return words.join(': ');
  });
  return `${method} "${url}": response status code ${status}: ${texts.join('; ') || (STATUS_CODES[status] ?? '')}`;
}
