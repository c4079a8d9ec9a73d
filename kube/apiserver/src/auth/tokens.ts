import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { KubeObject } from '@flux/apimachinery';
import type { User } from '../registry/api.ts';
import { readSecretClaims, secretClaims, secretIssuer } from './secret-tokens.ts';
import { accountGroups, accountUser } from './service-account.ts';
import type { TokenClaims } from './token-claims.ts';

export const issuer = 'https://kubernetes.default.svc';

/** As long as Kubernetes remembers whom a token belongs to; a deleted account's token works that long (KUBE-AUTH-01). */
const rememberedMs = 10_000;
const maxRemembered = 4096;

export const administrator: User = { name: 'admin', uid: 'admin', groups: ['system:masters'] };

type FindObject = (plural: string, namespace: string, name: string) => KubeObject | undefined;

/** Makes and checks the tokens of ServiceAccounts (RS256, as Kubernetes) and knows the administrator's token. */
export class Tokens {
  readonly #signingKeyPem: string | undefined;
  #keys: { private: KeyObject; public: KeyObject } | undefined;
  readonly #adminDigest: Buffer;
  readonly #find: FindObject;
  readonly #now: () => Date;
  readonly #remembered = new Map<string, { user: User; untilMs: number }>();

  /** Without a key one is made when it is needed first, which most servers in memory never do. */
  constructor(parts: { signingKeyPem: string | undefined; adminToken: string; find: FindObject; now: () => Date }) {
    this.#signingKeyPem = parts.signingKeyPem;
    this.#adminDigest = digest(parts.adminToken);
    this.#find = parts.find;
    this.#now = parts.now;
  }

  get #pair(): { private: KeyObject; public: KeyObject } {
    if (!this.#keys) {
      const key = createPrivateKey(this.#signingKeyPem ?? newSigningKey());
      this.#keys = { private: key, public: createPublicKey(key) };
    }
    return this.#keys;
  }

  issue(claims: Omit<TokenClaims, 'iss' | 'jti'>): { token: string; id: string } {
    const id = randomUUID();
    return { token: this.#sign({ ...claims, iss: issuer, jti: id }), id };
  }

  /** A token that is good as long as the Secret holds it. */
  issueForSecret(account: KubeObject, secret: KubeObject): string {
    return this.#sign(secretClaims(account, secret));
  }

  #sign(claims: object): string {
    const signed = `${encode({ alg: 'RS256', kid: this.keyId })}.${encode(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), this.#pair.private).toString('base64url')}`;
  }

  get keyId(): string {
    const der = this.#pair.public.export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(der).digest('base64url');
  }

  /** The public key as RFC 7517 describes it. */
  get jwk(): Record<string, unknown> {
    return { use: 'sig', kid: this.keyId, alg: 'RS256', ...this.#pair.public.export({ format: 'jwk' }) };
  }

  authenticate(token: string): User | undefined {
    if (this.isAdministrator(token)) return administrator;
    const nowMs = this.#now().getTime();
    const key = digest(token).toString('base64');
    const known = this.#remembered.get(key);
    if (known !== undefined && nowMs < known.untilMs) return known.user;
    const claims = this.read(token);
    this.#remembered.delete(key);
    if (!claims?.aud.includes(issuer)) return undefined;
    const user = this.userOf(claims);
    this.#remember(key, { user, untilMs: Math.min(nowMs + rememberedMs, claims.exp * 1000) });
    return user;
  }

  isAdministrator(token: string): boolean {
    return timingSafeEqual(digest(token), this.#adminDigest);
  }

  /** The oldest goes when there are too many. */
  #remember(key: string, entry: { user: User; untilMs: number }): void {
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined && this.#remembered.size >= maxRemembered) this.#remembered.delete(oldest);
    this.#remembered.set(key, entry);
  }

  /** Claims of a token that this server signed, that is in its time and whose objects still exist. */
  read(token: string): TokenClaims | undefined {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const signed = Buffer.from(`${header}.${payload}`);
    if (!signature || !verify('sha256', signed, this.#pair.public, Buffer.from(signature, 'base64url')))
      return undefined;
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as TokenClaims;
    if (claims.iss === secretIssuer) return this.#readFromSecret({ ...claims }, token);
    const seconds = this.#now().getTime() / 1000;
    if (claims.iss !== issuer || claims.exp <= seconds || claims.nbf > seconds + 10) return undefined;
    return this.#stillBound(claims) ? claims : undefined;
  }

  #readFromSecret(written: Record<string, unknown>, token: string): TokenClaims | undefined {
    const findSecret = (namespace: string, name: string) => this.#find('secrets', namespace, name);
    const claims = readSecretClaims(written, token, issuer, findSecret);
    return claims && this.#stillBound(claims) ? claims : undefined;
  }

  userOf({ jti, 'kubernetes.io': { namespace, serviceaccount, pod } }: TokenClaims): User {
    return {
      name: accountUser(namespace, serviceaccount.name),
      uid: serviceaccount.uid,
      groups: accountGroups(namespace),
      extra: {
        ...(jti ? { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] } : {}),
        ...(pod
          ? { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] }
          : {}),
      },
    };
  }

  #stillBound({ 'kubernetes.io': bound }: TokenClaims): boolean {
    const { namespace, serviceaccount, secret, pod } = bound;
    const exists = (plural: string, target: { name: string; uid: string } | undefined) =>
      !target || this.#find(plural, namespace, target.name)?.metadata.uid === target.uid;
    return exists('serviceaccounts', serviceaccount) && exists('secrets', secret) && exists('pods', pod);
  }
}

export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
