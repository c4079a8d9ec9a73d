import { FluxError } from '@flux/errors';
import type { TlsOptions } from '@flux/http';
import type { SecretContent } from '../frame/read-secret.ts';

/** A Secret does not hold what its use asks for; the text names the Secret and the key, never a value (SRC-SEC-05). */
export class SecretContentError extends FluxError {
  override readonly code = 'SECRET_CONTENT';
}

export interface BasicAuth {
  username: string;
  password: string;
}

/** `tls.crt` with `tls.key`, and `ca.crt`; the older key names too (SRC-SEC-01). Throws when there is neither. */
export async function readTls(secret: SecretContent): Promise<TlsOptions> {
  const tls = await findTls(secret);
  if (tls) return tls;
  throw new SecretContentError(`secret '${secret.id}' must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'`);
}

/** As `readTls`, for Secrets that may hold something else instead. */
export async function findTls({ id, data }: SecretContent): Promise<TlsOptions | undefined> {
  const [cert, certKey] = first(data, 'tls.crt', 'certFile');
  const [key, keyKey] = first(data, 'tls.key', 'keyFile');
  const [ca] = first(data, 'ca.crt', 'caFile');
  if (cert && !key) throw new SecretContentError(`secret '${id}' contains '${certKey}' but missing '${keyKey}'`);
  if (key && !cert) throw new SecretContentError(`secret '${id}' contains '${keyKey}' but missing '${certKey}'`);
  const tls = { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) };
  if (Object.keys(tls).length === 0) return undefined;
  await checkPem(tls);
  return tls;
}

/** The value, and the name of its key: the current one unless only the older is there. */
function first(data: ReadonlyMap<string, string>, current: string, older: string): [string | undefined, string] {
  const value = data.get(current);
  if (value !== undefined || !data.has(older)) return [value, current];
  return [data.get(older), older];
}

async function checkPem({ ca, cert, key }: TlsOptions): Promise<void> {
  const { createSecureContext } = await import('node:tls');
  if (cert && key) {
    try {
      createSecureContext({ cert, key });
    } catch (cause) {
      throw new SecretContentError('failed to parse TLS certificate and key', { cause });
    }
  }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new SecretContentError('failed to parse CA certificate');
  }
}

/** User and password come together or not at all (SRC-SEC-03). */
export function findBasicAuth({ id, data }: SecretContent): BasicAuth | undefined {
  const [username, password] = [data.get('username'), data.get('password')];
  if (username !== undefined && password !== undefined) return { username, password };
  if (username === undefined && password === undefined) return undefined;
  const [has, lacks] = username === undefined ? ['password', 'username'] : ['username', 'password'];
  throw new SecretContentError(`secret '${id}': malformed basic auth - has '${has}' but missing '${lacks}'`);
}
