import { basicAuthorization, type HttpClient, type HttpResponse } from '@flux/http';
import { refuseRealm } from './address-rules.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { type Credentials, isAnonymous } from './credentials.ts';
import { OciError } from './oci-error.ts';
import { readErrorBody } from './read-body.ts';
import { RegistryError } from './registry-error.ts';

const maxTokenBytes = 1024 * 1024;

export interface AuthorizerOptions {
  http: HttpClient;
  userAgent: string;
  credentials?: Credentials;
}

/** Finds out how a registry wants to be authorised and keeps the tokens, one for each set of scopes. */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new Map<string, string>();
  #scheme: Challenge['scheme'] | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** The header that earlier answers have shown to be right. */
  known(scope: string): string | undefined {
    if (this.#scheme === 'basic') return this.#basic();
    const { registryToken } = this.#options.credentials ?? {};
    if (registryToken) return `Bearer ${registryToken}`;
    const token = this.#tokens.get(scope);
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  /** The header that answers a refusal; undefined if there is nothing to answer it with, so that the refusal stands. */
  async answer(response: HttpResponse, scope: string, signal?: AbortSignal): Promise<string | undefined> {
    const challenge = parseChallenge(response.headers['www-authenticate'] ?? '');
    if (challenge === undefined) return undefined;
    this.#scheme = challenge.scheme;
    if (challenge.scheme === 'basic') {
      const basic = this.#basic();
      // oras-go remote/auth/client.go does not show the registry's own answer.
      if (basic === undefined) throw new OciError('basic credential not found');
      return basic;
    }
    if (this.#options.credentials?.registryToken) return undefined;
    const refusal = refuseRealm(challenge.realm, new URL(response.url));
    if (refusal !== undefined) throw new OciError(refusal);
    const token = await this.#fetchToken(challenge, mergeScopes(`${scope} ${challenge.scope}`), signal);
    this.#tokens.set(scope, token);
    return `Bearer ${token}`;
  }

  #basic(): string | undefined {
    const { username = '', password = '' } = this.#options.credentials ?? {};
    return username === '' && password === '' ? undefined : basicAuthorization({ username, password });
  }

  /** The token endpoint of the distribution specification, or OAuth 2 with an identity token. */
  async #fetchToken(challenge: Challenge, scopes: string[], signal?: AbortSignal): Promise<string> {
    const { http, userAgent, credentials = {} } = this.#options;
    const signalOption = signal ? { signal } : {};
    const limits = { maxBytes: maxTokenBytes, maxRedirects: 0, ...signalOption };
    const request = credentials.identityToken
      ? oauthRequest(challenge, scopes, credentials.identityToken, userAgent)
      : tokenRequest(challenge, scopes, isAnonymous(credentials) ? undefined : this.#basic(), userAgent);
    const response = await http.stream(request.url, { ...request, ...limits });
    if (response.status !== 200) {
      const { method = 'GET', url } = request;
      throw new RegistryError({ method, url, status: response.status, body: await readErrorBody(response) });
    }
    const text = Buffer.concat(await Array.fromAsync(response.body)).toString('utf8');
    return readToken(text, request.url);
  }
}

/** One scope for each resource, with all the actions that were asked for. */
function mergeScopes(text: string): string[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of text.split(' ').filter((part) => part !== '')) {
    const colon = scope.lastIndexOf(':');
    const resource = scope.slice(0, colon);
    const known = actions.get(resource) ?? new Set();
    actions.set(resource, known);
    for (const action of scope.slice(colon + 1).split(',')) known.add(action);
  }
  return [...actions].map(([resource, names]) => `${resource}:${[...names].sort().join(',')}`).sort();
}

interface TokenRequest {
  url: string;
  method?: string;
  headers: Record<string, string>;
  body?: string;
}

function tokenRequest(
  { realm, service }: Challenge,
  scopes: string[],
  authorization: string | undefined,
  userAgent: string,
): TokenRequest {
  const url = new URL(realm);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (service !== '') url.searchParams.set('service', service);
  return { url: url.href, headers: { 'user-agent': userAgent, ...(authorization ? { authorization } : {}) } };
}

function oauthRequest(
  { realm, service }: Challenge,
  scopes: string[],
  identityToken: string,
  userAgent: string,
): TokenRequest {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    service,
    client_id: 'flux',
    scope: scopes.join(' '),
    refresh_token: identityToken,
  });
  const headers = { 'user-agent': userAgent, 'content-type': 'application/x-www-form-urlencoded' };
  return { url: realm, method: 'POST', headers, body: body.toString() };
}

function readToken(text: string, url: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new OciError(`the token server ${new URL(url).host} did not answer with JSON`);
  }
  if (typeof parsed === 'object' && parsed !== null) {
    for (const name of ['token', 'access_token']) {
      const token: unknown = Reflect.get(parsed, name);
      // A line break would end the header; whatever else is in it is the registry's affair.
      if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
    }
  }
  throw new OciError(`the token server ${new URL(url).host} gave no token`);
}
