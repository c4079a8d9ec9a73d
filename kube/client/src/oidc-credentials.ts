import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '@flux/errors';
import type { HttpClient } from '@flux/http';
import type { Credentials, Identity } from './connection.ts';
import { KubeconfigError } from './kubeconfig.ts';
import { SharedRun } from './shared-run.ts';

interface OidcOptions {
  /** `users[].user.auth-provider.config`. */
  config: Readonly<Record<string, string>>;
  /** Of the kubeconfig. */
  directory: string;
  /** Where new tokens are written back; nowhere when the kubeconfig is no file. */
  origin: { path: string; name: string } | undefined;
}

interface Tokens {
  idToken: string;
  refreshToken: string;
}

/** A token that ends this soon is replaced already, as client-go does. */
const expiryDeltaMs = 10_000;
const request = { timeoutMs: 30_000, maxBytes: 1024 * 1024 };

/**
 * The legacy `auth-provider: oidc` of kubectl: its id-token, and when that expires a new one from the issuer's token
 * endpoint, which is written back to the kubeconfig.
 */
export function oidcCredentials(options: OidcOptions, own?: Credentials): Credentials {
  const { config } = options;
  for (const key of ['idp-issuer-url', 'client-id']) {
    if (!config[key]) throw new KubeconfigError(`users[].user.auth-provider.config has no ${key}`);
  }
  let tokens: Tokens = { idToken: config['id-token'] ?? '', refreshToken: config['refresh-token'] ?? '' };
  let identity: Identity | undefined;
  const renewals = new SharedRun(async (signal) => {
    tokens = await renew(options, tokens, signal);
    identity = await identityOf(tokens, own);
    return identity;
  });
  return {
    async get(signal) {
      if (isExpired(tokens.idToken, Date.now())) return renewals.join(signal);
      identity ??= await identityOf(tokens, own);
      return identity;
    },
    async refresh(refused, signal) {
      if (refused !== identity) return true;
      if (!tokens.refreshToken) return false;
      await renewals.join(signal);
      return true;
    },
  };
}

async function identityOf({ idToken }: Tokens, own: Credentials | undefined): Promise<Identity> {
  return { ...(await own?.get()), authorization: `Bearer ${idToken}` };
}

/** Reads only when it ends; whether the token is good is for the server to say. */
function isExpired(idToken: string, now: number): boolean {
  if (idToken === '') return true;
  try {
    const { exp } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown;
    };
    return typeof exp !== 'number' || exp * 1000 < now + expiryDeltaMs;
  } catch {
    throw new KubeconfigError('the id-token of the auth-provider is no JSON Web Token');
  }
}

async function renew(options: OidcOptions, { refreshToken }: Tokens, signal: AbortSignal): Promise<Tokens> {
  if (!refreshToken) throw new KubeconfigError('no valid id-token, and cannot refresh without refresh-token');
  const { createHttpClient } = await import('@flux/http');
  const ca = await authorityOf(options);
  await using client = createHttpClient(ca === undefined ? {} : { tls: { ca } });
  const answer = await requestTokens(client, options.config, refreshToken, signal);
  const { id_token: idToken, refresh_token: nextRefreshToken } = answer;
  if (typeof idToken !== 'string' || idToken === '') {
    throw new KubeconfigError(
      "the token response did not contain an id_token: either the scope 'openid' was not requested at login, or the provider does not refresh id_tokens",
    );
  }
  const next = { idToken, refreshToken: typeof nextRefreshToken === 'string' ? nextRefreshToken : refreshToken };
  if (options.origin) {
    const { writeAuthProvider } = await import('./kubeconfig-writer.ts');
    await writeAuthProvider(options.origin, { 'id-token': next.idToken, 'refresh-token': next.refreshToken });
  }
  return next;
}

async function authorityOf({ config, directory }: OidcOptions): Promise<string | undefined> {
  const data = config['idp-certificate-authority-data'];
  if (data) return Buffer.from(data, 'base64').toString('utf8');
  const path = config['idp-certificate-authority'];
  return path ? readFile(resolve(directory, path), 'utf8') : undefined;
}

async function requestTokens(
  client: HttpClient,
  config: OidcOptions['config'],
  refreshToken: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const issuer = (config['idp-issuer-url'] ?? '').replace(/\/+$/, '');
  const discovery = await readJson(client, `${issuer}/.well-known/openid-configuration`, { signal });
  const endpoint = discovery['token_endpoint'];
  if (typeof endpoint !== 'string') throw new KubeconfigError(`the provider ${issuer} names no token_endpoint`);
  const { 'client-id': id = '', 'client-secret': secret = '' } = config;
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const headers: Record<string, string> = { 'content-type': 'application/x-www-form-urlencoded' };
  const methods: unknown = discovery['token_endpoint_auth_methods_supported'];
  const postsSecret = Array.isArray(methods) && !methods.includes('client_secret_basic');
  if (secret !== '' && !postsSecret) {
    const pair = [id, secret].map(encodeURIComponent).join(':');
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  } else {
    form.set('client_id', id);
    if (secret !== '') form.set('client_secret', secret);
  }
  return readJson(client, endpoint, { method: 'POST', headers, body: form.toString(), signal });
}

async function readJson(
  client: HttpClient,
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; signal: AbortSignal },
): Promise<Record<string, unknown>> {
  const { status, body } = await client.bytes(url, { ...request, ...options });
  const text = Buffer.from(body).toString('utf8');
  if (status !== 200) throw new KubeconfigError(`the OpenID provider answered ${status} at ${url}${reasonIn(text)}`);
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    throw new KubeconfigError(`the OpenID provider's answer at ${url} is no JSON: ${messageOf(cause)}`);
  }
}

/** The error that OAuth 2 names; nothing else of the answer, which may hold tokens. */
function reasonIn(text: string): string {
  try {
    const { error, error_description: description } = JSON.parse(text) as Record<string, unknown>;
    return typeof error === 'string' ? `: ${error}${typeof description === 'string' ? `: ${description}` : ''}` : '';
  } catch {
    return '';
  }
}
