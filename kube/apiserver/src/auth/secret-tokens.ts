import type { KubeObject } from '@flux/apimachinery';
import { accountUser } from './service-account.ts';
import type { TokenClaims } from './token-claims.ts';

/** Who issues the tokens that Secrets of a ServiceAccount hold; they do not end and are good as long as the Secret is. */
export const secretIssuer = 'kubernetes/serviceaccount';

export const secretTokenType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
export const accountUidAnnotation = 'kubernetes.io/service-account.uid';

const prefix = 'kubernetes.io/serviceaccount';

/** Claims as the controller manager writes them. */
export function secretClaims(account: KubeObject, secret: KubeObject): Record<string, string> {
  const { namespace = '', name, uid = '' } = account.metadata;
  return {
    iss: secretIssuer,
    [`${prefix}/namespace`]: namespace,
    [`${prefix}/secret.name`]: secret.metadata.name,
    [`${prefix}/service-account.name`]: name,
    [`${prefix}/service-account.uid`]: uid,
    sub: accountUser(namespace, name),
  };
}

/** The same claims in the form of a requested token, or `undefined` when the Secret no longer holds this token. */
export function readSecretClaims(
  claims: Readonly<Record<string, unknown>>,
  token: string,
  audience: string,
  findSecret: (namespace: string, name: string) => KubeObject | undefined,
): TokenClaims | undefined {
  const text = (name: string) => String(claims[`${prefix}/${name}`] ?? '');
  const namespace = text('namespace');
  const secret = findSecret(namespace, text('secret.name'));
  if (!secret || secret.metadata.deletionTimestamp) return undefined;
  if (secret['data']?.token !== Buffer.from(token).toString('base64')) return undefined;
  return {
    aud: [audience],
    exp: Number.POSITIVE_INFINITY,
    iat: 0,
    nbf: 0,
    iss: secretIssuer,
    jti: '',
    sub: String(claims['sub'] ?? ''),
    'kubernetes.io': {
      namespace,
      serviceaccount: { name: text('service-account.name'), uid: text('service-account.uid') },
      secret: { name: secret.metadata.name, uid: secret.metadata.uid! },
    },
  };
}
