import { OciError } from './oci-error.ts';
import { isRecord } from './record.ts';

/** Who one is to a registry. */
export interface Credentials {
  username?: string;
  password?: string;
  /** Exchanged for an access token at the token server, in place of a password. */
  identityToken?: string;
  /** Sent as it is. */
  registryToken?: string;
}

/** One entry of a docker configuration: what it is for, and the credentials. */
export interface DockerConfigEntry {
  /** Host, with a port or a path where the entry has one; the host may hold `*`. */
  readonly address: string;
  readonly credentials: Credentials;
}

/**
 * Reads a docker configuration (`.dockerconfigjson`, or the bare map of a `.dockercfg`) (SRC-SEC-04). What is wrong with it is
 * said without its content.
 */
export function parseDockerConfig(text: string): DockerConfigEntry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new OciError('the docker configuration is not valid JSON');
  }
  if (!isRecord(parsed)) throw new OciError('the docker configuration is not a JSON object');
  const auths = Object.hasOwn(parsed, 'auths') ? parsed['auths'] : parsed;
  if (!isRecord(auths)) throw new OciError("the docker configuration has no map 'auths'");
  return Object.entries(auths).flatMap(([server, auth]) =>
    isRecord(auth) ? [{ address: normaliseAddress(server), credentials: readAuth(auth, server) }] : [],
  );
}

function readAuth(auth: Record<string, unknown>, server: string): Credentials {
  const text = (name: string) => {
    const value = Object.hasOwn(auth, name) ? auth[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
  let [username, password] = [text('username'), text('password')];
  if (text('auth') !== '') {
    const decoded = Buffer.from(text('auth'), 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon < 0)
      throw new OciError(`the entry '${server}' of the docker configuration has an 'auth' without a colon`);
    [username, password] = [decoded.slice(0, colon), decoded.slice(colon + 1).replace(/\0+$/, '')];
  }
  const [identityToken, registryToken] = [text('identitytoken'), text('registrytoken')];
  return {
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(identityToken === '' ? {} : { identityToken }),
    ...(registryToken === '' ? {} : { registryToken }),
  };
}

/** `https://index.docker.io/v1/` is Docker Hub; `/v1/` and `/v2/` are no paths of repositories. */
function normaliseAddress(server: string): string {
  const bare = server.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');
  return bare === 'docker.io' || bare === 'registry-1.docker.io' ? 'index.docker.io' : bare;
}

/** The credentials for exactly this host, which HelmRepository asks for (SRC trap 26); undefined if there are none. */
export function credentialsForHost(entries: readonly DockerConfigEntry[], host: string): Credentials | undefined {
  const wanted = normaliseAddress(host);
  return entries.find(({ address }) => address.split('/')[0] === wanted)?.credentials;
}

/** Whether there is nothing in it to send. */
export function isAnonymous({ username, password, identityToken, registryToken }: Credentials): boolean {
  return !username && !password && !identityToken && !registryToken;
}
