import type { StatusError } from '@flux/apimachinery';
import type { ApiRequest } from '../http/messages.ts';
import type { User } from '../registry/api.ts';
import { failure } from '../status.ts';

/** Turns a bearer token into a user; `undefined` when the token is not valid. */
export type TokenAuthenticator = (token: string) => User | undefined;

const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who sends the request, before impersonation. */
export function authenticate(request: ApiRequest, tokens: TokenAuthenticator): User {
  const header = request.headers['authorization'];
  if (header !== undefined && /^bearer /i.test(header)) {
    const user = tokens(header.slice(7).trim());
    if (!user) throw unauthorized();
    return withAuthenticated(user);
  }
  return request.identity ? withAuthenticated(request.identity) : anonymous;
}

function withAuthenticated(user: User): User {
  if (user.groups.includes('system:authenticated')) return user;
  return { ...user, groups: [...user.groups, 'system:authenticated'] };
}

function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}
