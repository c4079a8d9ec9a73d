import { expect, test } from 'vitest';
import { type CelAuthority, CelAuthorizer, compileCel } from './index.ts';

const authority: CelAuthority = {
  resource(account, access, verb) {
    const who = account ? `${account.namespace}/${account.name}` : 'me';
    const { group, resource, subresource, namespace, name } = access;
    const question = [who, verb, group, resource, subresource, namespace, name].join(' ');
    return question.includes('secrets') ? undefined : question;
  },
  path: (account, path, verb) => (path === '/metrics' ? undefined : `${account?.name ?? 'me'} ${verb} ${path}`),
};
const request = { group: 'apps', resource: 'deployments', subresource: '', namespace: 'a', name: 'd' };

const ask = (expression: string) =>
  compileCel(expression, { variables: ['authorizer'] }).evaluate({
    authorizer: new CelAuthorizer(authority, request),
  });

test('asks what the one who made the request may do', () => {
  const pods = "authorizer.group('').resource('pods').subresource('log').namespace('n').name('p').check('get')";
  expect(ask(`${pods}.reason()`)).toBe('me get  pods log n p');
  expect(ask(`${pods}.allowed() && !${pods}.errored() && ${pods}.error() == ''`)).toBe(true);
  expect(ask("authorizer.group('').resource('secrets').check('get').allowed()")).toBe(false);
  expect(ask("authorizer.requestResource.check('approve').reason()")).toBe('me approve apps deployments  a d');
});

test('asks for paths and for other accounts', () => {
  expect(ask("authorizer.path('/healthz').check('get').reason()")).toBe('me get /healthz');
  expect(ask("authorizer.path('/metrics').check('get').allowed()")).toBe(false);
  expect(ask("authorizer.serviceAccount('n', 's').requestResource.check('get').reason()")).toContain('n/s get apps');
  expect(() => ask("authorizer.path(' ').check('get').allowed()")).toThrow('path must not be empty');
});
