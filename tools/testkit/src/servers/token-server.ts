import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { createAuthority, issueCertificate } from '@flux/crypto';
import { serveHttp, type TestHttpServer } from './serve-http.ts';

export interface TokenServerOptions {
  /** Passwords by user name. */
  users: Readonly<Record<string, string>>;
  /** What comes of a password of theirs at a login, to be given in place of it: identity tokens by user name. */
  identityTokens?: Readonly<Record<string, string>>;
  /** Whether who has no password may pull. */
  anonymousPull?: boolean;
}

/** Hands out tokens for a registry that is started with it. */
export interface TestTokenServer extends TestHttpServer {
  readonly service: string;
  readonly issuer: string;
  /** PEM of the authority whose signatures the registry believes. */
  readonly authority: string;
  /** The scopes that were asked for, one item a request. */
  readonly requests: readonly string[];
}

interface Access {
  type: string;
  name: string;
  actions: string[];
}

type Issue = (subject: string, access: readonly Access[]) => string;

const names = { service: 'test-registry', issuer: 'test-tokens' };
const everything = ['pull', 'push', 'delete', '*'];

/** The token endpoint of the distribution specification, over http, with GET and with OAuth 2. */
export async function startTokenServer(options: TokenServerOptions): Promise<TestTokenServer> {
  const authority = await createAuthority({ commonName: 'test tokens', days: 1 });
  const signer = await issueCertificate(authority, { commonName: 'signer', days: 1, usage: 'client' });
  const issue = issuer(signer);
  const requests: string[] = [];
  const server = await serveHttp(async (request, response) => {
    const form =
      request.method === 'POST'
        ? new URLSearchParams(await text(request))
        : new URL(request.url!, 'http://x').searchParams;
    const scopes = form
      .getAll('scope')
      .flatMap((scope) => scope.split(' '))
      .filter((scope) => scope !== '');
    requests.push(scopes.join(' '));
    const caller = identify(request, form, options);
    if (caller === undefined) {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}');
      return;
    }
    const allowed = caller !== '' ? everything : options.anonymousPull ? ['pull'] : [];
    const token = issue(
      caller,
      scopes.flatMap((scope) => grant(scope, allowed)),
    );
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token, expires_in: 300 }));
  });
  return { ...server, ...names, authority: authority.certPem, requests };
}

/** The user; empty for nobody, undefined if the secret is wrong. */
function identify(request: IncomingMessage, form: URLSearchParams, options: TokenServerOptions): string | undefined {
  const identityToken = form.get('refresh_token');
  if (identityToken !== null) {
    return Object.entries(options.identityTokens ?? {}).find(([, token]) => token === identityToken)?.[0];
  }
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return '';
  const [user = '', password] = Buffer.from(basic, 'base64').toString('utf8').split(':', 2);
  return Object.hasOwn(options.users, user) && options.users[user] === password ? user : undefined;
}

/** `repository:name:pull,push` */
function grant(scope: string, allowed: readonly string[]): Access[] {
  const [type = '', name = '', actions = ''] = scope.split(':');
  const granted = actions.split(',').filter((action) => allowed.includes(action));
  return granted.length === 0 ? [] : [{ type, name, actions: granted }];
}

/** JSON web tokens that carry the signer's certificate. */
function issuer({ certPem, keyPem }: { certPem: string; keyPem: string }): Issue {
  const key = createPrivateKey(keyPem);
  const x5c = [new X509Certificate(certPem).raw.toString('base64')];
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return (subject, access) => {
    const now = Math.floor(Date.now() / 1000);
    const times = { exp: now + 300, nbf: now - 60, iat: now };
    const claims = { iss: names.issuer, sub: subject, aud: names.service, ...times, jti: randomUUID(), access };
    const content = `${encode({ alg: 'ES256', typ: 'JWT', x5c })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' });
    return `${content}.${signature.toString('base64url')}`;
  };
}
