import type { StatusError } from '@flux/apimachinery';
import type { ApiRequest } from '../http/messages.ts';
import type { Api, User } from '../registry/api.ts';
import { badRequest } from '../status.ts';
import { accountGroups } from './service-account.ts';

interface Wish {
  resource: string;
  group: string;
  namespace?: string;
  subresource?: string;
  name: string;
}

const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/;
const extraPrefix = 'impersonate-extra-';

/** Replaces the user by the one that the Impersonate headers name, if each part of it may be impersonated. */
export function impersonate(
  request: ApiRequest,
  user: User,
  api: Api,
  refuse: (user: User, mode: 'user-info' | 'serviceaccount') => StatusError,
): User {
  const { headers } = request;
  const name = headers['impersonate-user'] ?? '';
  const groups = splitHeader(headers['impersonate-group']);
  const uid = headers['impersonate-uid'] ?? '';
  const extra = extraOf(headers);
  if (name === '') {
    if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return user;
    const shown = groups.length
      ? `[]string{${groups.map((group) => JSON.stringify(group)).join(', ')}}`
      : '[]string(nil)';
    throw badRequest(
      `requested &user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${shown}, Extra:map[string][]string(nil)} without impersonating a user name`,
    );
  }
  const isAllowed = wishesOf(name, groups, uid, extra).every((wish) =>
    api.authorize(user, { verb: 'impersonate', ...wish }),
  );
  if (!isAllowed) throw refuse(user, serviceAccount.test(name) ? 'serviceaccount' : 'user-info');
  return {
    name,
    groups: impersonatedGroups(name, groups),
    ...(uid ? { uid } : {}),
    ...(Object.keys(extra).length ? { extra } : {}),
  };
}

/** Several headers of one name arrive joined; group names cannot contain a comma followed by a space. */
function splitHeader(value: string | undefined): string[] {
  return (value ?? '').split(', ').filter((part) => part !== '');
}

function extraOf(headers: ApiRequest['headers']): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(extraPrefix) || value === undefined) continue;
    extra[decodeURIComponent(name.slice(extraPrefix.length))] = splitHeader(value);
  }
  return extra;
}

function wishesOf(name: string, groups: string[], uid: string, extra: Record<string, string[]>): Wish[] {
  const [, namespace, account] = serviceAccount.exec(name) ?? [];
  const wishes: Wish[] = [
    namespace && account
      ? { group: '', resource: 'serviceaccounts', namespace, name: account }
      : { group: '', resource: 'users', name },
  ];
  const authentication = 'authentication.k8s.io';
  for (const group of groups) wishes.push({ group: '', resource: 'groups', name: group });
  if (uid) wishes.push({ group: authentication, resource: 'uids', name: uid });
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values)
      wishes.push({ group: authentication, resource: 'userextras', subresource: key, name: value });
  }
  return wishes;
}

function impersonatedGroups(name: string, groups: string[]): string[] {
  const [, namespace] = serviceAccount.exec(name) ?? [];
  const implied = namespace !== undefined && groups.length === 0 ? accountGroups(namespace) : [];
  const all = [...groups, ...implied];
  if (name === 'system:anonymous')
    return all.includes('system:unauthenticated') ? all : [...all, 'system:unauthenticated'];
  return all.includes('system:authenticated') ? all : [...all, 'system:authenticated'];
}
