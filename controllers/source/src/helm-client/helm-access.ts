import type { HelmRepository } from '@flux/api';
import { FluxError, messageOf } from '@flux/errors';
import { parseDuration } from '@flux/gotypes';
import type { TlsOptions } from '@flux/http';
import { type Credentials, credentialsForHost, parseDockerConfig } from '@flux/oci';
import { getSecret, type SecretContent } from '../frame/read-secret.ts';
import type { SourceRun } from '../frame/source-run.ts';
import { type BasicAuth, findBasicAuth, findTls, readTls, SecretContentError } from './secret-content.ts';

/** The Secrets of a HelmRepository are missing or of no use; the reason is AuthenticationFailed. */
class HelmAccessError extends FluxError {
  override readonly code = 'HELM_ACCESS';
}

/** How a HelmRepository is reached. */
export interface HelmAccess {
  readonly url: string;
  readonly timeoutMs: number;
  readonly tls?: TlsOptions;
  readonly basic?: BasicAuth;
  /** Basic auth goes to any host that an index names. */
  readonly passesCredentials: boolean;
  /** Of a registry. */
  readonly credentials?: Credentials;
  readonly insecure: boolean;
  /** Requests go to what it makes of their address. */
  readonly rewriteUrl?: (url: string) => string;
}

/** Access without credentials, for repositories that no object describes. */
export function anonymousAccess(url: string, { rewriteUrl }: Pick<HelmAccess, 'rewriteUrl'> = {}): HelmAccess {
  return { url, timeoutMs: 60_000, passesCredentials: false, insecure: false, ...(rewriteUrl ? { rewriteUrl } : {}) };
}

/** A pass over an object that concerns Helm. */
type HelmRun = SourceRun & { readonly deps: Pick<HelmAccess, 'rewriteUrl'> };

/**
 * Reads the Secrets that a HelmRepository names, which lie beside the object of the run (SRC-HREPO-06). `certSecretRef` wins
 * over certificates in `secretRef`.
 */
export async function resolveAccess(run: HelmRun, repository: HelmRepository): Promise<HelmAccess> {
  const { url, certSecretRef, secretRef, passCredentials = false, insecure = false } = repository.spec;
  const isOci = repository.spec.type === 'oci';
  const ownTls = certSecretRef ? await resolveTls(run, certSecretRef.name) : undefined;
  const secret = secretRef ? await load(run, secretRef.name, 'failed to get authentication secret') : undefined;
  const found = secret ? await detectMethods(secret) : {};
  if (!ownTls && found.tls) {
    run.log.info('certificates in spec.secretRef are deprecated, name them with spec.certSecretRef', {
      HelmRepository: `${repository.metadata.namespace}/${repository.metadata.name}`,
    });
  }
  const tls = ownTls ?? found.tls;
  const credentials = isOci ? resolveLogin(repository, secret) : undefined;
  return {
    url,
    timeoutMs: timeoutMs(repository),
    passesCredentials: passCredentials,
    insecure: isOci && insecure,
    ...(run.deps.rewriteUrl ? { rewriteUrl: run.deps.rewriteUrl } : {}),
    ...(tls ? { tls } : {}),
    ...(found.basic ? { basic: found.basic } : {}),
    ...(credentials ? { credentials } : {}),
  };
}

/** `spec.timeout`, a minute by default (SRC-HREPO-01). */
function timeoutMs({ spec }: HelmRepository): number {
  return parseDuration(spec.timeout ?? '1m');
}

async function load(run: SourceRun, name: string, prefix: string): Promise<SecretContent> {
  try {
    return await getSecret(run, name);
  } catch (error) {
    run.signal.throwIfAborted();
    const id = `${run.object.metadata.namespace}/${name}`;
    throw new HelmAccessError(`${prefix} '${id}': ${messageOf(error)}`, { cause: error });
  }
}

async function resolveTls(run: SourceRun, name: string): Promise<TlsOptions> {
  const secret = await load(run, name, 'failed to get TLS authentication secret');
  try {
    return await readTls(secret);
  } catch (error) {
    throw new HelmAccessError(`failed to construct Helm client's TLS config: ${messageOf(error)}`, { cause: error });
  }
}

async function detectMethods(secret: SecretContent): Promise<{ basic?: BasicAuth; tls?: TlsOptions }> {
  try {
    const basic = findBasicAuth(secret);
    const tls = await findTls(secret);
    return { ...(basic ? { basic } : {}), ...(tls ? { tls } : {}) };
  } catch (error) {
    throw new HelmAccessError(`failed to detect authentication methods: ${messageOf(error)}`, { cause: error });
  }
}

function resolveLogin({ spec }: HelmRepository, secret: SecretContent | undefined): Credentials | undefined {
  const { provider = 'generic', url } = spec;
  if (!secret) {
    if (provider === 'generic') return undefined;
    throw new HelmAccessError(
      `failed to get credential from '${provider}': spec.provider '${provider}' is not supported by this version of source-controller`,
    );
  }
  try {
    return loginFrom(secret, url.replace(/^oci:\/\//, '').split('/', 1)[0] ?? '');
  } catch (error) {
    throw new HelmAccessError(`failed to configure login options: ${messageOf(error)}`, { cause: error });
  }
}

/** A docker configuration needs an entry for exactly this host; one half of a login is an error (SRC trap 26). */
function loginFrom(secret: SecretContent, host: string): Credentials | undefined {
  let login: Credentials = {};
  if (secret.type === 'kubernetes.io/dockerconfigjson') {
    const found = credentialsForHost(readDockerConfig(secret), host);
    if (!found) {
      throw new SecretContentError(`no auth config for '${host}' in the docker-registry Secret '${secret.name}'`);
    }
    login = found;
  } else {
    const [username, password] = [secret.data.get('username'), secret.data.get('password')];
    login = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  }
  if (login.identityToken || login.registryToken) return login;
  if (!login.username && !login.password) return undefined;
  if (login.username && login.password) return login;
  throw new SecretContentError(`invalid '${secret.name}' secret data: required fields 'username' and 'password'`);
}

function readDockerConfig(secret: SecretContent) {
  try {
    return parseDockerConfig(secret.data.get('.dockerconfigjson') ?? '');
  } catch (error) {
    throw new SecretContentError(`unable to load Docker config from Secret '${secret.name}': ${messageOf(error)}`);
  }
}
